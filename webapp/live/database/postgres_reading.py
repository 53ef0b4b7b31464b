"""Reads rows from PostgreSQL, and leaves out those that asyncpg cannot decode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.executor import AsyncpgExecutor

from webapp.live.database.checked_reading import CheckedReading, LeftOut
from webapp.live.database.row_building import Unreadable

_UNDECODABLE: tuple[type[Exception], ...] = (ArithmeticError, ValueError)
"""Errors of asyncpg for a value that Python cannot hold, such as a time before Christ. The whole query fails."""


class Executor(CheckedReading, AsyncpgExecutor):
    """Tortoise's executor for PostgreSQL, changed to leave out rows that cannot be read."""

    async def fetch_rows(self, sql: str, values: list[Any] | None) -> tuple[Sequence[Any], list[LeftOut]]:
        """Return the rows as asyncpg gives them, and those that it cannot decode.

        After a failure it asks for the rows again, by half of their keys at a time, and so finds the undecodable ones.
        """
        try:
            return await super().fetch_rows(sql, values)
        except asyncpg.InterfaceError:
            raise  # some are ValueErrors too, and mean that the query is wrong, not a row
        except _UNDECODABLE:
            return await self._fetch_by_keys(sql, values or [])

    async def _fetch_by_keys(self, sql: str, values: list[Any]) -> tuple[Sequence[Any], list[LeftOut]]:
        key = self.model._meta.db_pk_column
        _, found = await self.db.execute_query(f'SELECT q."{key}" AS key FROM ({sql}) AS q', values)
        keys = [row["key"] for row in found]
        rows: dict[Any, Any] = {}
        bad: list[LeftOut] = []
        pieces = [keys]
        while pieces:
            piece = pieces.pop()
            query = f'SELECT q.* FROM ({sql}) AS q WHERE q."{key}" = ANY(${len(values) + 1})'
            try:
                _, some = await self.db.execute_query(query, [*values, piece])
            except _UNDECODABLE as error:
                if len(piece) > 1:
                    pieces += [piece[: len(piece) // 2], piece[len(piece) // 2 :]]
                else:
                    bad.append(LeftOut(piece[0], await self._cause(query, values, piece[0], error)))
            else:
                rows |= {row[key]: row for row in some}
        return [rows[each] for each in keys if each in rows], bad

    async def _cause(self, query: str, values: list[Any], key: Any, error: Exception) -> Unreadable:
        """Ask for each column of the row alone, and return the error with the column that cannot be decoded."""
        reason = f"{type(error).__name__}: {error}"
        for column in self.model._meta.fields_db_projection_reverse:
            try:
                await self.db.execute_query(f'SELECT one."{column}" FROM ({query}) AS one', [*values, [key]])
            except _UNDECODABLE:
                return Unreadable(self.model, key, column, reason)
            except Exception:  # noqa: S112 - the query does not have this column
                continue
        return Unreadable(self.model, key, "?", reason)
