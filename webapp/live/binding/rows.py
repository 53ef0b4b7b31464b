"""Reads the rows of a declaration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Generic

from tortoise.exceptions import ValidationError
from tortoise.expressions import F
from tortoise.models import Model

from webapp.live.binding.declaration import Declaration, M
from webapp.live.binding.row_versions import version_of
from webapp.live.database import KeyedSelect

# If a query had more than 32,766 parameters, both databases would refuse it.
_KEYS_PER_QUERY = 10_000

HIGHEST = 2**63 - 1
"""The highest integer that both databases can store."""


class Rows(Generic[M]):
    """Reads the rows of one declaration.

    Args:
        declaration: Says which rows, with which fields, and which group each is in.
        members: Attributes, properties and dotted paths over foreign keys that are read besides the fields.
        window: Number of the newest rows that a page starts with; None: all rows.
        complete: Loads what the templates show besides the rows; None: they show nothing else.
    """

    def __init__(
        self,
        declaration: Declaration[M],
        *,
        members: Sequence[str] = (),
        window: int | None = None,
        complete: Callable[[Sequence[M]], Awaitable[None]] | None = None,
    ) -> None:
        self._declaration = declaration
        self._members = members
        self._window = window
        self._complete = complete
        self._by_keys = KeyedSelect(declaration.model, self._with_keys)

    async def shown(self, group: str) -> list[M]:
        """Return the rows that a page of `group` starts with, oldest first."""
        newest = self._query(group).order_by(f"-{self._model._meta.pk_attr}")
        rows: list[M] = await (newest.limit(self._window) if self._window else newest)
        await self._completed(rows)
        return rows[::-1]

    async def newest(self, group: str, count: int) -> list[M]:
        """Return the newest rows of `group`, `count` at most, the newest first."""
        rows: list[M] = await self._query(group).order_by(f"-{self._model._meta.pk_attr}").limit(count)
        return rows

    async def load(self, asked: Sequence[tuple[str, Collection[str]]]) -> list[dict[str, M]]:
        """Return the rows of several groups.

        Args:
            asked: Pairs of a group and primary keys, as text.

        Returns:
            For each pair, the rows with these keys that are in the group now, by primary key as text.
        """
        rows = await self.read({pk for _, some in asked for pk in some})
        groups = {pk: self._declaration.group_of(row) for pk, row in rows.items()}
        return [{pk: rows[pk] for pk in pks if groups.get(pk) == group} for group, pks in asked]

    async def read(self, pks: Collection[str]) -> dict[str, M]:
        """Return the rows with these primary keys, by primary key as text.

        A key is left out if its row does not exist or cannot be read, or if the text cannot be a key.
        """
        keys = [key for key in map(self.key_of, pks) if key is not None]
        rows: dict[str, M] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            # If members need a join, the columns are those of several tables. Only Tortoise's own query tells them
            # apart.
            found = await (self._with_keys(some) if self._members else self._by_keys.rows(some))
            rows |= {str(row.pk): row for row in found}
        await self._completed(list(rows.values()))
        return rows

    async def locked(self, group: str, key: Any) -> M | None:
        """Return the row of `group` with this primary key, locked until the transaction ends.

        Call this inside the transaction that changes the row.

        Returns:
            The row; None when the group has no such row.
        """
        rows = self._model.filter(pk=key, **self._declaration.conditions(group))
        row: M | None
        if self._model._meta.db.capabilities.support_for_update:
            row = await rows.select_for_update().get_or_none()
        else:
            # If a transaction on SQLite read before it wrote, SQLite could refuse its writes. So it writes first.
            name = self._declaration.fields[0]
            await rows.update(**{name: F(name)})
            row = await rows.get_or_none()
        return row

    async def highest(self, group: str, below: int = HIGHEST + 1) -> int:
        """Return the highest primary key in `group` that is less than `below`; 0 when there is none.

        The row of this key may be unreadable.
        """
        name = self._model._meta.pk_attr
        # On SQLite every text is greater than every number. If nothing bounded the key, a text could be the highest.
        rows = self._model.filter(**{f"{name}__lte": below - 1}, **self._declaration.conditions(group))
        found = await rows.order_by(f"-{name}").limit(1).values_list(name, flat=True)
        return int(found[0]) if found else 0

    async def outside_window(self, group: str, pk: int, new: Collection[int], shown: int | None) -> bool:
        """Return whether the row `pk` was outside the window before the rows `new` were created.

        Args:
            group: The group of all these rows.
            pk: The primary key of one of `new`.
            new: The primary keys of the rows that do not count.
            shown: The highest primary key before `new`; None: not known. With None, rows that were created meanwhile
                count as well.
        """
        if self._window is None:
            return False
        above = self._model.filter(pk__gt=pk, **self._declaration.conditions(group)).exclude(pk__in=new)
        known: int = await (above if shown is None else above.filter(pk__lte=shown)).count()
        return known >= self._window

    def key_of(self, pk: object) -> Any:
        """Return `pk` as a value of the model's primary key; None when it cannot be one."""
        field = self._model._meta.pk
        try:
            key = field.to_python_value(pk)
        except (ValueError, TypeError, ArithmeticError, ValidationError):
            return None
        bounds = field.constraints
        is_beyond = key is not None and "ge" in bounds and not bounds["ge"] <= key <= bounds["le"]
        return None if is_beyond else key

    def values(self, row: M) -> dict[str, Any]:
        """Return the values that a form of `row` shows: those of its fields, without the members."""
        return {name: getattr(row, name) for name in self._declaration.fields}

    def version(self, row: M) -> str:
        """Return the row version of `row`."""
        return version_of(self.values(row))

    async def _completed(self, rows: Sequence[M]) -> None:
        if self._complete is not None and rows:
            await self._complete(rows)

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
        # A member may read any column, and the rows that its path goes through. So the query asks for all of them.
        return rows.select_related(*{keys for path in self._members if (keys := _foreign_keys(self._model, path))})


def _foreign_keys(model: type[Model], path: str) -> str:
    """Return the foreign keys at the beginning of `path`, in Tortoise's notation."""
    steps: list[str] = []
    for name in path.split("."):
        if name not in model._meta.fk_fields | model._meta.o2o_fields:
            break
        steps.append(name)
        model = model._meta.fields_map[name].related_model  # type: ignore[attr-defined]
    return "__".join(steps)
