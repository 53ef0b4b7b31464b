"""Tortoise's client for SQLite, made safe against statements that fail: a process has only this one connection.

Tortoise's own client fetches through a cursor that stays open when the fetch raises. The open cursor holds a read
snapshot, so every later read of the process shows the past, and every write fails with "database is locked". The client
also keeps its lock, and leaves a transaction open, when a task is cancelled at the wrong moment. Here `sqlite_thread`
runs each statement in one function on the connection's thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, cast

import aiosqlite
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.backends.sqlite.executor import SqliteExecutor
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

from webapp.live.database import sqlite_thread
from webapp.live.database.checked_reading import CheckedReading
from webapp.live.database.namespace import LIVE, Namespace, namespace_of
from webapp.live.database.sqlite_thread import T, on_thread, translated


class Executor(CheckedReading, SqliteExecutor):
    """Tortoise's executor for SQLite, changed to leave out rows that cannot be read."""


class Client(SqliteClient):
    """The connection of a process. All errors of sqlite3 become Tortoise's exceptions.

    Args:
        file_path: The file of the database.
        namespace: The namespace of the change log that the app keeps there.
        settings: Pragmas by name.
    """

    executor_class = Executor
    namespace: Namespace | None

    def __init__(self, file_path: str, namespace: str = LIVE, **settings: Any) -> None:
        super().__init__(file_path, **settings)
        self.namespace = Namespace(namespace)

    async def create_connection(self, with_db: bool) -> None:
        """Open the file, unless it is open. If that fails half way, nothing stays open."""
        if self._connection is not None:
            return
        with translated():
            opened = await aiosqlite.connect(self.filename, isolation_level=None)
        try:
            await on_thread(opened, sqlite_thread.prepare, self.pragmas)
        except BaseException:
            with suppress(Exception):
                await opened.close()
            raise
        self._connection = opened
        await self._post_connect()

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        """Return a context that holds the connection for one statement."""
        return _Acquired(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionClient(self), self._lock)

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Insert a row; return the primary key that the database gave it."""
        return await self._run(sqlite_thread.insert, query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """Run a statement; return how many rows it changed or, if it changed none, returned, and the rows."""
        return await self._run(sqlite_thread.fetch, query.replace("\x00", "'||CHAR(0)||'"), values or [])

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement; return its rows as dictionaries."""
        return [dict(row) for row in (await self.execute_query(query, values))[1]]

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement once for each of `values`: all or none."""
        await self._run(sqlite_thread.many, query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements. A transaction that they begin and do not end is rolled back."""
        await self._run(sqlite_thread.script, query)

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        async with self.acquire_connection() as connection:
            return await on_thread(connection, function, *arguments)


class TransactionClient(Client, SqliteTransactionWrapper):
    """The connection, within a transaction."""

    def __init__(self, connection: SqliteClient) -> None:
        SqliteTransactionWrapper.__init__(self, connection)
        self.namespace = namespace_of(connection)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(TransactionClient(self))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement once for each of `values`."""
        await self._run(sqlite_thread.many_inside, query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements."""
        await self._run(sqlite3.Connection.executescript, query)

    async def begin(self) -> None:
        """Begin as the only writer, and roll back a transaction that an earlier statement left open.

        Raises:
            TransactionManagementError: The transaction cannot begin, for instance because another program writes.
        """
        try:
            await on_thread(self._connection, sqlite_thread.begin)
        except OperationalError as error:
            raise TransactionManagementError(*error.args) from error

    async def commit(self) -> None:
        """Commit. If that fails, as on a full disk, roll back, so that no transaction stays open."""
        await self._end(sqlite_thread.commit)

    async def rollback(self) -> None:
        """Roll back."""
        await self._end(sqlite_thread.rollback)

    async def savepoint(self) -> None:
        """Set a savepoint."""
        with translated():
            await SqliteTransactionWrapper.savepoint(self)

    async def savepoint_rollback(self) -> None:
        """Roll back to the savepoint."""
        with translated():
            await SqliteTransactionWrapper.savepoint_rollback(self)

    async def release_savepoint(self) -> None:
        """Release the savepoint."""
        with translated():
            await SqliteTransactionWrapper.release_savepoint(self)

    async def _end(self, function: Callable[[sqlite3.Connection], None]) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        # The function ends the transaction even if it fails or the task is cancelled. If this were set afterwards, the
        # context would then roll back a transaction that does not exist.
        self._finalized = True
        await on_thread(self._connection, function)


class _Acquired(ConnectionWrapper[aiosqlite.Connection]):
    """Holds the connection for one statement, and frees the lock if the connection cannot be opened."""

    async def __aenter__(self) -> aiosqlite.Connection:
        await self._lock.acquire()
        try:
            # If this were read before the lock, another task could have opened or closed the connection meanwhile.
            self.connection = self.client._connection  # noqa: SLF001 - as the base class
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class _Transaction(SqliteTransactionContext):
    """A transaction that ends with its block, even if the block's entry or exit fails or is cancelled."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            parent = self.connection._parent  # noqa: SLF001 - as the base class
            await parent.create_connection(with_db=True)
            self.connection._connection = parent._connection  # noqa: SLF001
            await self.connection.begin()
        except BaseException:
            self._leave()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return cast(TransactionalDBClient, self.connection)

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            if not self.connection._finalized:  # noqa: SLF001
                await (self.connection.rollback() if exc_type else self.connection.commit())
        finally:
            get_connections().reset(self.token)
            self._leave()

    def _leave(self) -> None:
        # If this were awaited, a cancellation could prevent it. The connection's thread does it before any later
        # statement.
        connection: aiosqlite.Connection | None = self.connection._connection  # noqa: SLF001
        if connection is not None:
            connection._tx.put_nowait((None, lambda: sqlite_thread.rollback(connection._conn)))  # noqa: SLF001
        self._trxlock.release()


client_class = Client
"""Tortoise reads this name in the module that a connection's `engine` names."""
