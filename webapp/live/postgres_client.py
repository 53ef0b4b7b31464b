"""Tortoise's client for PostgreSQL: a statement that fails leaves nothing behind on a connection of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from webapp.live.reading import CheckedReading, LeftOut, Unreadable

_UNDECODABLE: tuple[type[Exception], ...] = (ArithmeticError, ValueError)
"""What asyncpg raises of a value that Python has not, such as a time before Christ; the whole fetch fails."""


async def reset(connection: asyncpg.Connection) -> None:
    """Give a connection back to its pool: whatever is done with one here ends with its transaction.

    asyncpg would ask the database to forget settings, cursors and locks, which is as long a way as most queries. A
    transaction that is still open it has rolled back before it calls this.
    """


class Executor(CheckedReading, AsyncpgExecutor):
    """Leaves out the rows that cannot be read."""

    async def fetch_rows(self, sql: str, values: list[Any] | None) -> tuple[Sequence[Any], list[LeftOut]]:
        """The rows as they come, and those that asyncpg cannot decode, which are then looked for by their keys."""
        try:
            return await super().fetch_rows(sql, values)
        except asyncpg.InterfaceError:
            raise  # some of them are ValueErrors too: the query was wrong, and not a row
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
        """Which column it is, found by asking for each alone."""
        reason = f"{type(error).__name__}: {error}"
        for column in self.model._meta.fields_db_projection_reverse:
            try:
                await self.db.execute_query(f'SELECT one."{column}" FROM ({query}) AS one', [*values, [key]])
            except _UNDECODABLE:
                return Unreadable(self.model, key, column, reason)
            except Exception:  # noqa: S112 - a column that the query did not ask for
                continue
        return Unreadable(self.model, key, "?", reason)


class Client(AsyncpgDBClient):
    """The pool of a process."""

    executor_class = Executor

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionClient(self), self._pool_init_lock)


class TransactionClient(TransactionWrapper):
    """One connection, within a transaction."""

    executor_class = Executor

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(TransactionClient(self))


class _Transaction(TransactionContextPooled):
    """Gives its connection back whatever happens on the way in or out, and never with an open transaction."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        client: Any = self.client
        client._connection = await client._parent._pool.acquire()  # noqa: SLF001 - as the base class
        try:
            await client.begin()
        except BaseException:
            # Whether it was begun is not known.
            client._connection.terminate()  # noqa: SLF001
            await self._release()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        client: Any = self.client
        try:
            if client._finalized:  # noqa: SLF001
                return
            if exc_type is None:
                await client.commit()
            elif exc_type is not TransactionManagementError:
                await client.rollback()
        finally:
            get_connections().reset(self.token)
            await self._release()

    async def _release(self) -> None:
        client: Any = self.client
        pool, connection = client._parent._pool, client._connection  # noqa: SLF001
        try:
            # The pool would roll it back as well, and call that a fault of the program.
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except BaseException as error:
            connection.terminate()
            if not isinstance(error, Exception):
                raise
        finally:
            if pool is not None:
                await pool.release(connection)


client_class = Client
"""Where Tortoise looks, in the module that a connection's `engine` names."""
