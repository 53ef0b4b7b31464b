"""Statements on an SQLite connection, each begun, ended and cleaned up in one function on the connection's thread.

No cancellation of a task reaches that thread, so no statement stays half done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import aiosqlite
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

T = TypeVar("T")


class Undecodable(bytes):
    """A text of the database that is not UTF-8. If the connection raised instead, the whole query would fail."""


async def on_thread(connection: aiosqlite.Connection, function: Callable[..., T], *arguments: Any) -> T:
    """Call `function` with the connection and `arguments` on the connection's thread, and return its result.

    Once begun, the call runs to its end, even if the task that awaits it is cancelled.

    Raises:
        IntegrityError, OperationalError, DBConnectionError: Tortoise's, for the errors of sqlite3 and aiosqlite.
    """
    # aiosqlite has no public way to do several things in one step. A minor release of it may change this private one.
    with translated():
        run: Callable[..., Awaitable[T]] = connection._execute  # noqa: SLF001
        return await run(lambda: function(connection._conn, *arguments))  # noqa: SLF001


@contextmanager
def translated() -> Iterator[None]:
    """Raise Tortoise's exceptions for those of sqlite3 and aiosqlite."""
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


def prepare(connection: sqlite3.Connection, pragmas: dict[str, Any]) -> None:
    """Set up a new connection with these pragmas, by name."""
    connection.row_factory = sqlite3.Row
    connection.text_factory = _text
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}").close()


def _text(stored: bytes) -> str | Undecodable:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Undecodable(stored)


def fetch(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> tuple[int, list[Any]]:
    """Run one statement; return how many rows it changed or, if it changed none, returned, and the rows."""
    before = connection.total_changes
    cursor = connection.execute(query, values)
    try:
        rows = cursor.fetchall()
    finally:
        # If the fetch fails, the exception's traceback keeps the cursor alive. An open cursor holds a read snapshot, so
        # it is closed here.
        cursor.close()
    return (connection.total_changes - before) or len(rows), rows


def insert(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> int:
    """Insert one row; return its rowid."""
    cursor = connection.execute(query, values)
    try:
        return cursor.lastrowid or 0
    finally:
        cursor.close()


def many(connection: sqlite3.Connection, query: str, values: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each of `values`, in a transaction of its own: all or none."""
    begin(connection)
    try:
        many_inside(connection, query, values)
        commit(connection)
    finally:
        rollback(connection)


def many_inside(connection: sqlite3.Connection, query: str, values: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each of `values`, inside the transaction under way."""
    connection.executemany(query, values).close()


def script(connection: sqlite3.Connection, script: str) -> None:
    """Run several statements. A transaction that they begin and do not end is rolled back."""
    try:
        connection.executescript(script).close()
    finally:
        rollback(connection)


def begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction as the only writer, and roll back one that an earlier statement left open."""
    rollback(connection)
    # If a transaction read first and another process then wrote, SQLite would refuse its writes. So it takes the write
    # lock at its start.
    connection.execute("BEGIN IMMEDIATE").close()


def commit(connection: sqlite3.Connection) -> None:
    """Commit. If that fails, as on a full disk, roll back, so that no transaction stays open."""
    try:
        connection.commit()
    finally:
        rollback(connection)


def rollback(connection: sqlite3.Connection) -> None:
    """Roll back the transaction under way, if there is one."""
    if connection.in_transaction:
        connection.rollback()
