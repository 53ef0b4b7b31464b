"""Queries for the rows of a declaration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Generic

from tortoise.exceptions import ValidationError
from tortoise.expressions import F
from tortoise.models import Model

from webapp.live.binding.declaration import Declaration, M
from webapp.live.binding.row_versions import version_of
from webapp.live.database import KeyedSelect

# Both databases take 32,766 parameters at most.
_KEYS_PER_QUERY = 10_000

HIGHEST = 2**63 - 1
"""The highest whole number that the databases can hold."""


class Rows(Generic[M]):
    """Reads the rows of one declaration.

    Args:
        declaration: Says which rows, with which fields, and which group each is in.
        members: What is read besides the fields: attributes, properties and dotted paths over foreign keys.
        window: How many of the newest rows a page starts with; None: all.
    """

    def __init__(self, declaration: Declaration[M], *, members: Sequence[str] = (), window: int | None = None) -> None:
        self._declaration = declaration
        self._members = members
        self._window = window
        self._by_keys = KeyedSelect(declaration.model, self._with_keys)

    async def shown(self, group: str) -> list[M]:
        """Return the rows that a page of `group` starts with, oldest first."""
        newest = self._query(group).order_by(f"-{self._model._meta.pk_attr}")
        rows: list[M] = await (newest.limit(self._window) if self._window else newest)
        return rows[::-1]

    async def newest(self, group: str, count: int) -> list[M]:
        """Return the newest rows of `group`, `count` at most, the newest first."""
        rows: list[M] = await self._query(group).order_by(f"-{self._model._meta.pk_attr}").limit(count)
        return rows

    async def load(self, asked: Sequence[tuple[str, Collection[str]]]) -> list[dict[str, M]]:
        """Return, for each group with primary keys, those of its rows that are in it now, by primary key."""
        rows = await self.read({pk for _, some in asked for pk in some})
        groups = {pk: self._declaration.group_of(row) for pk, row in rows.items()}
        return [{pk: rows[pk] for pk in pks if groups.get(pk) == group} for group, pks in asked]

    async def read(self, pks: Collection[str]) -> dict[str, M]:
        """Return the rows with these primary keys, by primary key as text.

        A key without a row, or whose row cannot be read, and a text that can be no key are left out.
        """
        keys = [key for key in map(self.key_of, pks) if key is not None]
        rows: dict[str, M] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            # A join takes each row from several tables, which only Tortoise's own query tells apart.
            found = await (self._with_keys(some) if self._members else self._by_keys.rows(some))
            rows |= {str(row.pk): row for row in found}
        return rows

    async def locked(self, group: str, key: Any) -> M | None:
        """Return the row of `group` with this primary key, locked until the transaction ends; None: there is none.

        Call it inside the transaction that is about to change the row.
        """
        rows = self._model.filter(pk=key, **self._declaration.conditions(group))
        row: M | None
        if self._model._meta.db.capabilities.support_for_update:
            row = await rows.select_for_update().get_or_none()
        else:
            # On SQLite a transaction that reads before it writes may find that it cannot write any more.
            name = self._declaration.fields[0]
            await rows.update(**{name: F(name)})
            row = await rows.get_or_none()
        return row

    async def highest(self, group: str, below: int = HIGHEST + 1) -> int:
        """Return the highest primary key in `group` under `below`, 0 when there is none; its row may be unreadable."""
        name = self._model._meta.pk_attr
        # On SQLite every text is above every number.
        rows = self._model.filter(**{f"{name}__lte": below - 1}, **self._declaration.conditions(group))
        found = await rows.order_by(f"-{name}").limit(1).values_list(name, flat=True)
        return int(found[0]) if found else 0

    async def outside_window(self, group: str, pk: int, new: Collection[int], shown: int | None) -> bool:
        """Return whether the row `pk` was outside the window before the rows `new` came.

        Args:
            group: The group of all these rows.
            pk: The primary key of one of `new`.
            new: The primary keys that do not count.
            shown: The highest primary key by then, if known; a row that came meanwhile is above it, and is counted
                otherwise.
        """
        if self._window is None:
            return False
        above = self._model.filter(pk__gt=pk, **self._declaration.conditions(group)).exclude(pk__in=new)
        known: int = await (above if shown is None else above.filter(pk__lte=shown)).count()
        return known >= self._window

    def key_of(self, pk: object) -> Any:
        """Return the primary key that `pk` stands for, as the model has it; None when it can be none."""
        field = self._model._meta.pk
        try:
            key = field.to_python_value(pk)
        except (ValueError, TypeError, ArithmeticError, ValidationError):
            return None
        bounds = field.constraints
        is_beyond = key is not None and "ge" in bounds and not bounds["ge"] <= key <= bounds["le"]
        return None if is_beyond else key

    def values(self, row: M) -> dict[str, Any]:
        """Return what a form of `row` shows: its fields alone, for which no other row is needed."""
        return {name: getattr(row, name) for name in self._declaration.fields}

    def version(self, row: M) -> str:
        """Return what tells an edit that `row` is still as its form showed it."""
        return version_of(self.values(row))

    @property
    def _model(self) -> Any:
        return self._declaration.model

    def _with_keys(self, keys: Sequence[Any]) -> Any:
        return self._with_columns(self._model.filter(pk__in=keys))

    def _query(self, group: str) -> Any:
        return self._with_columns(self._model.filter(**self._declaration.conditions(group)))

    def _with_columns(self, rows: Any) -> Any:
        declared = self._declaration
        if not self._members:
            return rows.only(*{self._model._meta.pk_attr, *declared.fields, *declared.only, *declared.group_columns})
        # A member may read any column, and what its path leads over.
        return rows.select_related(*{keys for path in self._members if (keys := _foreign_keys(self._model, path))})


def _foreign_keys(model: type[Model], path: str) -> str:
    """The foreign keys that `path` begins with, as Tortoise names them."""
    steps: list[str] = []
    for name in path.split("."):
        if name not in model._meta.fk_fields | model._meta.o2o_fields:
            break
        steps.append(name)
        model = model._meta.fields_map[name].related_model  # type: ignore[attr-defined]
    return "__".join(steps)
