"""A lock that lets one migration of a database run at a time, whichever process starts it."""

from __future__ import annotations

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from webapp.live.database import postgres_connect
from webapp.live.database.postgres_url import PostgresURL
from webapp.live.database.service_urls import sqlite_path
from webapp.live.database.sqlite_file import open_private, prepare_file

# All namespaces share this number. Two apps on one database have one table of Tortoise's migrations, and if both made
# it at once, one of them would fail. If another version of this app used another number, they would not lock each other
# out.
ADVISORY_LOCK = 7_018_246_113


@asynccontextmanager
async def migrating(database_url: str) -> AsyncIterator[None]:
    """Hold the migration lock of a database. The end of the context, or of the process, frees it.

    Raises:
        UnusableURL: The file of an SQLite database cannot be used.
        Exception: One of `DATABASE_AWAY`: the database cannot be reached.
    """
    if database_url.startswith("sqlite:"):
        with _file_lock(sqlite_path(database_url)):
            yield
    else:
        async with _advisory_lock(PostgresURL.parse(database_url)):
            yield


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    prepare_file(path)
    with open_private(path.with_name(f"{path.name}.migrate-lock")) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _advisory_lock(url: PostgresURL) -> AsyncIterator[None]:
    connection = await postgres_connect.connect(
        postgres_connect.without_statements(url), postgres_connect.STARTING, starting=True
    )
    transaction = connection.transaction()
    try:
        # If this were the lock of a session, pgbouncer could run the session's next statement on another server
        # connection, and the first one would keep the lock after this process has ended. So it is a transaction's.
        await transaction.start()
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SET LOCAL lock_timeout = 0")
        await connection.execute(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        yield
    finally:
        with suppress(Exception):
            await transaction.rollback()
        await postgres_connect.close(connection)
