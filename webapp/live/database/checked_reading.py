"""Tortoise's executor, changed so that a row which does not fit its model costs nothing but itself.

Any program may write the tables, so the executor checks each row that it reads. If a row does not fit its model, the
executor leaves it out, and logs its table, key and column once.

A page or a frame without the row must get it once it is repaired. The repair is an update, and a page ignores updates
of rows that it does not show. So the executor notes the row in `live_unreadable`, and the triggers of the change log
log the next update of a noted row as a create. The executor leaves a row out only if it still cannot be read after the
note is committed. A repair that comes later finds the note.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.backends.base.executor import BaseExecutor
from tortoise.models import Model

from webapp.live.database import unreadable_rows
from webapp.live.database.row_building import Reader, Unreadable, build, checked, reader_for
from webapp.live.database.row_reports import report

YIELD = 1000
"""Rows that are built before other tasks of the event loop get their turn."""


class LeftOut(NamedTuple):
    """A row that a query found and does not return.

    Attributes:
        key: The row's primary key, as the database gave it.
        cause: Why: this row, or a row that it is joined with, does not fit its model.
    """

    key: Any
    cause: Unreadable


class Rows(list[Any]):
    """The rows of a query that could be read.

    Attributes:
        left_out: The primary keys of the others, as the database gave them.
    """

    left_out: Sequence[Any] = ()


def left_out(rows: Sequence[Any]) -> Sequence[Any]:
    """Return the primary keys of the rows that a query found and that could not be read."""
    return getattr(rows, "left_out", ())


class CheckedReading(BaseExecutor):
    """A mixin for an executor of Tortoise's: every query for rows of a model returns the readable ones, as `Rows`.

    Tortoise makes one executor for each query. All rows of a query have the same columns.
    """

    _reader: Reader | None = None

    async def execute_select(
        self, sql: str, values: list[Any] | None = None, custom_fields: list[str] | None = None
    ) -> list[Any]:
        """Return the rows of the query.

        Args:
            sql: The query.
            values: Its parameters.
            custom_fields: The names of its annotations.
        """
        rows, bad = await self._read(sql, values, custom_fields or ())
        # Inside a transaction a rollback would take the note back, and nothing is shown yet. So nothing is noted.
        if bad and not isinstance(self.db, TransactionalDBClient):
            keys = [each.key for each in bad if each.key is not None]
            if await unreadable_rows.note(self.db, self.model._meta.db_table, keys):
                # If a program repaired the row before the note was committed, the triggers logged an update that pages
                # ignore, so the rows are read again.
                rows, bad = await self._read(sql, values, custom_fields or ())
        for _, cause in bad:
            report(cause.table, cause.key, cause.column, cause.reason)
        rows.left_out = [each.key for each in bad]
        await self._execute_prefetch_queries(rows)
        return rows

    async def fetch_rows(self, sql: str, values: list[Any] | None) -> tuple[Sequence[Any], list[LeftOut]]:
        """Return the rows as the driver gives them, and those that the driver cannot decode."""
        return (await self.db.execute_query(sql, values))[1], []

    async def _read(
        self, sql: str, values: list[Any] | None, custom_fields: Sequence[str]
    ) -> tuple[Rows, list[LeftOut]]:
        rows = Rows()
        raw, bad = await self.fetch_rows(sql, values)
        self._reader = None
        # Tortoise lists the model's own table too, so a query without a join has at most one entry.
        read_row = self._joined if len(self.select_related_idx or ()) > 1 else self._alone
        for number, row in enumerate(raw, 1):
            if number % YIELD == 0:
                await asyncio.sleep(0)
            try:
                instance = read_row(row)
            except Unreadable as cause:
                bad.append(LeftOut(dict(row).get(self.model._meta.db_pk_column), cause))
                continue
            for name in custom_fields:
                object.__setattr__(instance, name, row[name])
            rows.append(instance)
        return rows, bad

    @cached_property
    def _natives(self) -> frozenset[type[Any]]:
        return frozenset(self.DB_NATIVE)

    def _alone(self, row: Any) -> Model:
        if self._reader is None:
            self._reader = reader_for(self.model, tuple(row.keys()), self._natives)
        return build(self.model, row, self._reader)

    def _joined(self, row: Any) -> Model:
        """Return the instance with those that its foreign keys refer to, as the base class does.

        Each model has its own share of the row's columns.
        """
        columns = list(dict(row).items())
        shares = self.select_related_idx or []
        _, end, _, _, path = shares[0]
        instance = checked(self.model, dict(columns[:end]), self._natives)
        found: dict[Any, Any] = {path: instance}
        for model, count, _, _, full_path in shares[1:]:
            *path_to, name = full_path
            share = columns[end : end + count]
            end += count
            other = None
            if any(value is not None for _, value in share):
                values = {column.split(".", 1)[1]: value for column, value in share}
                other = checked(model, values, self._natives)
            elif not count:
                other = model._init_from_db()  # noqa: SLF001 - the query asks only for rows behind it
            holder = found.get(tuple(path_to))
            if holder is not None:
                object.__setattr__(holder, f"_{name}", other)
            if other is not None:
                found[(*path_to, name)] = other
        return instance
