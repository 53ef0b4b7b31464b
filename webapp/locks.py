"""One migration at a time, whoever starts it."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg

# Any number, as long as every version of this app uses the same.
ADVISORY_LOCK = 7_018_246_113


@asynccontextmanager
async def migrating(database_url: str) -> AsyncIterator[None]:
    """Hold the lock of the database's migrations; its end, or the process's, frees it."""
    lock = _file_lock if database_url.startswith("sqlite:") else _advisory_lock
    async with lock(database_url):
        yield


@asynccontextmanager
async def _file_lock(database_url: str) -> AsyncIterator[None]:
    path = Path(database_url.removeprefix("sqlite://").partition("?")[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Asked first without aiosqlite, which waits for ever after a file that it could not open.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version")
    with path.with_name(path.name + ".migrate-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _advisory_lock(database_url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        yield
    finally:
        await connection.close()
