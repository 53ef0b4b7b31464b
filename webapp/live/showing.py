"""How a binding's rows are shown: as fragments of pages, and as data."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from tortoise.exceptions import ValidationError
from tortoise.fields import JSONField
from tortoise.models import Model

from webapp.live.contexts import Afresh, Row, RowUpdate
from webapp.live.declaration import Declaration, M, wrong
from webapp.live.statements import KeyedSelect
from webapp.live.versions import version_of
from webapp.live.visitor import Visitor

Render = Callable[[str, object], str]
"""Renders a template, by name, with a context object's fields."""

# Both databases take 32,766 parameters at most.
_KEYS_PER_QUERY = 10_000

TURN = 50
"""Rows of a whole list that are rendered until the event loop gets its turn."""

HIGHEST = 2**63 - 1
"""The highest whole number that the databases can hold."""

_ID = re.compile(r"[A-Za-z][\w-]*")


class Showing(Declaration[M]):
    """What readers get of the rows that are declared.

    template: renders one row, given `context(row)`; its element has the id `<element>-<pk>` and `data-key="<pk>"`.
    update_template: renders what changes on a page when a row changes, as partials that need not be on every page,
    given `update_context(row, changed)`; None: the row's element is replaced.
    target: selector of the list that rows go into, by default `#<stream>`. element: by default the stream.
    window: how many of the newest rows a page starts with; None: all.
    members: what is given besides the fields: attributes, properties and dotted paths over foreign keys.
    """

    template: ClassVar[str]
    update_template: ClassVar[str | None] = None
    afresh_template: ClassVar[str] = "live/_afresh.html"
    target: ClassVar[str]
    element: ClassVar[str]
    window: ClassVar[int | None] = None
    members: ClassVar[Sequence[str]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "stream"):
            return
        if not hasattr(cls, "template"):
            raise wrong(cls, f'write template = "{cls.stream}/_{cls.stream}.html", or yours')
        _check_members(cls)
        if _is_default(cls, "target", "#"):
            cls.target = f"#{cls.stream}"
        if _is_default(cls, "element", ""):
            cls.element = cls.stream
        if not _ID.fullmatch(cls.target.removeprefix("#")) or not cls.target.startswith("#"):
            raise wrong(cls, f'target = "{cls.target}": write the list\'s id, such as "#{cls.stream}"')
        if not _ID.fullmatch(cls.element):
            raise wrong(cls, f'element = "{cls.element}": write what ids start with, such as "{cls.stream}"')

    @classmethod
    def require_templates(cls, has: Callable[[str], bool]) -> None:
        """Check that there are the templates that are named. Raises WrongDeclaration."""
        for attribute in ("template", "update_template", "afresh_template"):
            name = getattr(cls, attribute)
            if name is not None and not has(name):
                raise wrong(cls, f'{attribute} = "{name}": there is no such file in templates/')

    def context(self, row: M) -> object:
        """The template's context for `row`."""
        return Row(row)

    def update_context(self, row: M, changed: Collection[str]) -> object:
        """The update template's context for `row`, of whose fields `changed` may be new."""
        return RowUpdate(row, frozenset(changed))

    def fragment(self, row: M, render: Render) -> Markup:
        """The row's element."""
        return Markup(render(self.template, self.context(row)))  # noqa: S704 - autoescaped by the template

    def partials(self, row: M, changed: Collection[str], render: Render) -> Markup:
        """What brings a page's row up to date, by the update template."""
        return Markup(render(self.update_template or "", self.update_context(row, changed)))  # noqa: S704 - as above

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        """Whether `visitor` may read `group`; asked when a page or a socket opens, and after each change of Rights."""
        return True

    async def afresh(self, group: str, render: Render) -> str:
        """The whole list as a frame, for a page that is too far behind. Raises when a row cannot be rendered."""
        fragments = []
        for number, row in enumerate(await self.rows(group), 1):
            fragments.append(self.fragment(row, render))
            if number % TURN == 0:
                # A thousand rows take tens of milliseconds, in which everybody else would wait.
                await asyncio.sleep(0)
        return render(self.afresh_template, Afresh(self.target, fragments))

    def list_of(self, rows: Sequence[M], render: Render) -> str:
        """The whole list as a frame, with these rows."""
        return render(self.afresh_template, Afresh(self.target, [self.fragment(row, render) for row in rows]))

    def serialize(self, row: M, names: Collection[str]) -> dict[str, Any]:
        """The fields `names` and the members as data, ready for JSON; a path that ends early leads to None."""
        return {name: getattr(row, name) for name in names} | {path: _reached(row, path) for path in self.members}

    @property
    def may_fail_as_data(self) -> bool:
        """Whether a row that can be read may still be no data: by a member, a `serialize` of its own, an odd field."""
        is_own = getattr(self.serialize, "__func__", None) is not Showing.serialize
        return bool(self.members) or is_own or self._has_odd_fields

    @cached_property
    def _has_odd_fields(self) -> bool:
        known = self.model._meta.fields_map
        plain = (str, int, float, bool, datetime, date, time, timedelta, Decimal, UUID)
        return any(
            getattr(known.get(name), "field_type", int) not in plain and not isinstance(known[name], JSONField)
            for name in self.fields
        )

    def values(self, row: M) -> dict[str, Any]:
        """What a form of `row` shows: its fields alone, for which no other row is needed."""
        return {name: getattr(row, name) for name in self.fields}

    def version(self, row: M) -> str:
        """What tells an edit that `row` is still as its form showed it."""
        return version_of(self.values(row))

    def element_id(self, pk: object) -> str:
        """The id of the element that shows the row."""
        return f"{self.element}-{pk}"

    async def rows(self, group: str) -> list[M]:
        """The rows that a page of `group` starts with, oldest first."""
        newest = self._query(group).order_by(f"-{self.model._meta.pk_attr}")
        rows: list[M] = await (newest.limit(self.window) if self.window else newest)
        return rows[::-1]

    async def newest(self, group: str, count: int) -> list[M]:
        """The newest rows of `group`, that many at most, the newest first."""
        rows: list[M] = await self._query(group).order_by(f"-{self.model._meta.pk_attr}").limit(count)
        return rows

    async def load(self, asked: Sequence[tuple[str, Collection[str]]]) -> list[dict[str, M]]:
        """For each group that is asked of, with primary keys: those of its rows that are in it now, by primary key."""
        rows = await self.read({pk for _, some in asked for pk in some})
        groups = {pk: self.group_of(row) for pk, row in rows.items()}
        return [{pk: rows[pk] for pk in pks if groups.get(pk) == group} for group, pks in asked]

    async def read(self, pks: Collection[str]) -> dict[str, M]:
        """The rows with these primary keys, as texts, that are there and can be read; what can be no key has none."""
        keys = [key for key in map(self.key_of, pks) if key is not None]
        rows: dict[str, M] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            # A join takes each row from several tables, which only Tortoise's own query knows apart.
            found = await (self._with_keys(some) if self.members else self._by_keys.rows(some))
            rows |= {str(row.pk): row for row in found}
        return rows

    @cached_property
    def _by_keys(self) -> KeyedSelect:
        return KeyedSelect(self.model, self._with_keys)

    def _with_keys(self, keys: Sequence[Any]) -> Any:
        return self._with_columns(self.model.filter(pk__in=keys))

    def key_of(self, pk: object) -> Any:
        """The primary key that `pk` stands for, as the model has it; None when it can be none."""
        field = self.model._meta.pk
        try:
            key = field.to_python_value(pk)
        except (ValueError, TypeError, ArithmeticError, ValidationError):
            return None
        bounds = field.constraints
        is_beyond = key is not None and "ge" in bounds and not bounds["ge"] <= key <= bounds["le"]
        return None if is_beyond else key

    async def highest(self, group: str, below: int = HIGHEST + 1) -> int:
        """The highest primary key in `group` under `below`, also when its row cannot be read; 0 when there is none."""
        name = self.model._meta.pk_attr
        # On SQLite every text is above every number.
        rows = self.model.filter(**{f"{name}__lte": below - 1}, **self.conditions(group))
        found = await rows.order_by(f"-{name}").limit(1).values_list(name, flat=True)
        return int(found[0]) if found else 0

    async def outside_window(self, group: str, pk: int, new: Collection[int], shown: int | None) -> bool:
        """Whether the row `pk` was outside the window before the rows `new` came.

        shown: the highest primary key by then, if known; what comes meanwhile is above it, and is counted otherwise.
        """
        if self.window is None:
            return False
        above = self.model.filter(pk__gt=pk, **self.conditions(group)).exclude(pk__in=new)
        known: int = await (above if shown is None else above.filter(pk__lte=shown)).count()
        return known >= self.window

    def _query(self, group: str) -> Any:
        return self._with_columns(self.model.filter(**self.conditions(group)))

    def _with_columns(self, rows: Any) -> Any:
        if not self.members:
            return rows.only(*{self.model._meta.pk_attr, *self.fields, *self.only, *self.places})
        # A member may read any column, and what its path leads over.
        return rows.select_related(*{relation for path in self.members if (relation := _relation(self.model, path))})


def _reached(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = None if row is None else getattr(row, name)
    return row


def _relation(model: type[Model], path: str) -> str:
    """The foreign keys that `path` begins with, as Tortoise names them."""
    steps: list[str] = []
    for name in path.split("."):
        if name not in model._meta.fk_fields | model._meta.o2o_fields:
            break
        steps.append(name)
        model = model._meta.fields_map[name].related_model  # type: ignore[attr-defined]
    return "__".join(steps)


def _is_default(cls: type[Showing[Any]], name: str, prefix: str) -> bool:
    """Whether nobody has said what `name` is; a base class that has a stream too has the default for its own."""
    if name in vars(cls):
        return False
    base = next((base for base in cls.__mro__[1:] if hasattr(base, name)), None)
    return base is None or getattr(base, name) == prefix + getattr(base, "stream", "")


def _check_members(cls: type[Showing[Any]]) -> None:
    if isinstance(cls.members, str):
        raise wrong(cls, f'members = "{cls.members}": write a sequence of names, ("{cls.members}",)')
    for member in cls.members:
        name = member.split(".")[0]
        if name not in cls.model._meta.fields_map and not hasattr(cls.model, name):
            raise wrong(cls, f'members: {cls.model.__name__} has no "{name}"')
