"""Statements whose SQL is generated once and then reused. Tortoise takes as long to generate it as to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import BaseExecutor
from tortoise.models import Model
from tortoise.queryset import BulkCreateQuery

_inserts: dict[tuple[type[BaseExecutor], type[Model], bool, frozenset[str]], tuple[str, str]] = {}


class KeyedSelect:
    """Reads rows of a model by their primary keys.

    Args:
        model: The model of the rows.
        select: Returns Tortoise's query for some keys. Its SQL has the keys as its only values, and joins no table.
    """

    def __init__(self, model: type[Model], select: Callable[[Sequence[Any]], Any]) -> None:
        self._model = model
        self._select = select
        # SQL by the database's executor and the number of keys.
        self._sql: dict[tuple[type[BaseExecutor], int], str] = {}

    async def rows(self, keys: Sequence[Any]) -> list[Any]:
        """Return the rows with these primary keys, at least one, in no particular order."""
        db: BaseDBAsyncClient = self._model._meta.db
        # If there were a statement for each number of keys, each would be generated and prepared separately. So the
        # number is rounded up to a power of two, with repeats of the last key. A repeated key finds its row once.
        count = 1 << (len(keys) - 1).bit_length()
        asked = [*keys, *repeat(keys[-1], count - len(keys))]
        sql = self._sql.get((db.executor_class, count))
        if sql is None:
            sql = self._sql[db.executor_class, count] = self._select(asked).using_db(db).sql()
        values = [self._model._meta.pk.to_db_value(key, self._model) for key in asked]
        return await db.executor_class(model=self._model, db=db).execute_select(sql, values)


async def insert(rows: Iterable[Model], ignore_conflicts: bool) -> None:
    """Insert rows.

    Args:
        rows: At least one row, all of one model, all of which leave the same columns to the database's defaults.
        ignore_conflicts: Whether to leave out the rows that break a unique constraint.
    """
    rows = list(rows)
    model = type(rows[0])
    await _Insert(model, model._meta.db, rows, ignore_conflicts=ignore_conflicts)


class _Insert(BulkCreateQuery[Any]):
    """Tortoise's `bulk_create` with one method changed; tests/live/test_statements.py compares the SQL of both."""

    __slots__ = ()

    def _make_queries(self, omit_fields: set[str] | None = None) -> tuple[str, str]:
        key = (type(self._executor), self.model, self._ignore_conflicts, frozenset(omit_fields or ()))
        sql = _inserts.get(key)
        if sql is None:
            sql = _inserts[key] = super()._make_queries(omit_fields)
        return sql
