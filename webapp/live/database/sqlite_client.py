"""Tortoise's client for SQLite, made safe against statements that fail: a process has this one connection only.

Tortoise's own client fetches through a cursor that stays open when the fetch raises, and with it a read snapshot: from
then on every read of the process shows the past, and every write fails with "database is locked". It also leaves its
lock taken, and a transaction open, when a task is cancelled at the wrong moment. Here each statement begins, ends and
cleans up in one function on the connection's thread, where no cancellation reaches it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

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
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, TransactionManagementError

from webapp.live.database.checked_reading import CheckedReading
from webapp.live.database.namespace import LIVE, Namespace, namespace_of

T = TypeVar("T")


class Undecodable(bytes):
    """A text of the database that is not UTF-8, in the place of which a fetch would fail as a whole."""


class Executor(CheckedReading, SqliteExecutor):
    """Leaves out the rows that cannot be read."""


class Client(SqliteClient):
    """The connection of a process. All sqlite3 errors come as Tortoise's.

    namespace: of the change log that its app keeps there. settings: PRAGMAs.
    """

    executor_class = Executor
    namespace: Namespace | None

    def __init__(self, file_path: str, namespace: str = LIVE, **settings: Any) -> None:
        super().__init__(file_path, **settings)
        self.namespace = Namespace(namespace)

    async def create_connection(self, with_db: bool) -> None:
        """Open the file, if it is not open; when that fails half way, nothing is open."""
        if self._connection is not None:
            return
        with _translated():
            opened = await aiosqlite.connect(self.filename, isolation_level=None)
        try:
            await _on_thread(opened, _prepare, self.pragmas)
        except BaseException:
            with suppress(Exception):
                await opened.close()
            raise
        self._connection = opened
        await self._post_connect()

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        """The connection, for one statement."""
        return _Acquired(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionClient(self), self._lock)

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Insert a row; the key that the database gave it."""
        return await self._run(_insert, query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """Run a statement: how many rows it changed, or gave, and those."""
        return await self._run(_fetch, query.replace("\x00", "'||CHAR(0)||'"), values or [])

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement; its rows."""
        return [dict(row) for row in (await self.execute_query(query, values))[1]]

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each of `values`, all or none."""
        await self._run(_many, query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements; a transaction that they begin and do not end is rolled back."""
        await self._run(_script, query)

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        async with self.acquire_connection() as connection:
            return await _on_thread(connection, function, *arguments)


class TransactionClient(Client, SqliteTransactionWrapper):
    """The connection, within a transaction."""

    def __init__(self, connection: SqliteClient) -> None:
        SqliteTransactionWrapper.__init__(self, connection)
        self.namespace = namespace_of(connection)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(TransactionClient(self))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each of `values`."""
        await self._run(_many_inside, query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements."""
        await self._run(sqlite3.Connection.executescript, query)

    async def begin(self) -> None:
        """Begin, as the only writer. What somebody left open, and nobody will ever commit, is rolled back first."""
        try:
            await _on_thread(self._connection, _begin)
        except OperationalError as error:
            raise TransactionManagementError(*error.args) from error

    async def commit(self) -> None:
        """Commit. When that fails, as on a full disk, it is rolled back: no transaction is open afterwards."""
        await self._end(_commit)

    async def rollback(self) -> None:
        """Roll back."""
        await self._end(_rollback)

    async def savepoint(self) -> None:
        """Begin a part that may be rolled back alone."""
        with _translated():
            await SqliteTransactionWrapper.savepoint(self)

    async def savepoint_rollback(self) -> None:
        """Roll that part back."""
        with _translated():
            await SqliteTransactionWrapper.savepoint_rollback(self)

    async def release_savepoint(self) -> None:
        """Keep that part."""
        with _translated():
            await SqliteTransactionWrapper.release_savepoint(self)

    async def _end(self, function: Callable[[sqlite3.Connection], None]) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        # Set first: whether this fails or is cancelled, it ends the transaction, and there is nothing to roll back.
        self._finalized = True
        await _on_thread(self._connection, function)


class _Acquired(ConnectionWrapper[aiosqlite.Connection]):
    """Does not keep the lock when the connection cannot be opened."""

    async def __aenter__(self) -> aiosqlite.Connection:
        await self._lock.acquire()
        try:
            # Asked for now: while this waited, the connection may have been opened or given up.
            self.connection = self.client._connection  # noqa: SLF001 - as the base class
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class _Transaction(SqliteTransactionContext):
    """A transaction that is over when its block is left, whatever happens on the way in or out."""

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
        # Not awaited, so that nothing can keep it from being done; the thread takes it before any later statement.
        connection: aiosqlite.Connection | None = self.connection._connection  # noqa: SLF001
        if connection is not None:
            connection._tx.put_nowait((None, lambda: _rollback(connection._conn)))  # noqa: SLF001
        self._trxlock.release()


async def _on_thread(connection: aiosqlite.Connection, function: Callable[..., T], *arguments: Any) -> T:
    """Give `function` the connection, on its thread. Once begun it is carried out, even if nobody waits any more.

    aiosqlite has no public way to do several things in one step; a minor release of it may change this one.
    """
    with _translated():
        run: Callable[..., Awaitable[T]] = connection._execute  # noqa: SLF001
        return await run(lambda: function(connection._conn, *arguments))  # noqa: SLF001


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityError(error) from error
    except sqlite3.Error as error:
        raise OperationalError(error) from error
    except ValueError as error:
        if error.args in (("Connection closed",), ("no active connection",)):
            raise DBConnectionError(*error.args) from error
        raise


def _prepare(connection: sqlite3.Connection, pragmas: dict[str, Any]) -> None:
    connection.row_factory = sqlite3.Row
    connection.text_factory = _text
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}").close()


def _text(stored: bytes) -> str | Undecodable:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Undecodable(stored)


def _fetch(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> tuple[int, list[Any]]:
    before = connection.total_changes
    cursor = connection.execute(query, values)
    try:
        rows = cursor.fetchall()
    finally:
        # An exception keeps its traceback, and that the cursor: left to itself, it would hold its snapshot.
        cursor.close()
    return (connection.total_changes - before) or len(rows), rows


def _insert(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> int:
    cursor = connection.execute(query, values)
    try:
        return cursor.lastrowid or 0
    finally:
        cursor.close()


def _many(connection: sqlite3.Connection, query: str, values: Sequence[Sequence[Any]]) -> None:
    _begin(connection)
    try:
        _many_inside(connection, query, values)
        _commit(connection)
    finally:
        _rollback(connection)


def _many_inside(connection: sqlite3.Connection, query: str, values: Sequence[Sequence[Any]]) -> None:
    connection.executemany(query, values).close()


def _script(connection: sqlite3.Connection, script: str) -> None:
    try:
        connection.executescript(script).close()
    finally:
        _rollback(connection)


def _begin(connection: sqlite3.Connection) -> None:
    _rollback(connection)
    # At once for writing: a transaction that has read before another process wrote could not write any more.
    connection.execute("BEGIN IMMEDIATE").close()


def _commit(connection: sqlite3.Connection) -> None:
    try:
        connection.commit()
    finally:
        _rollback(connection)


def _rollback(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.rollback()


client_class = Client
"""Where Tortoise looks, in the module that a connection's `engine` names."""
