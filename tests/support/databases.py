"""The two databases that the change log is written on, with the same face for the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from tests.support.patience import PATIENCE
from webapp.app import bindings
from webapp.db import MODELS, migrate, tortoise_config
from webapp.live.changelog.log import Change, ChangeLog

ROOMS = (1, 2, 3)
EVERYTHING = 1_000_000


class Session(Protocol):
    """A connection that is not the app's; it commits by itself unless it is told to begin."""

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""


class Database:
    """A database with the app's tables and triggers and the rooms 1 to 3, without messages.

    log: the app's view of it. one, two: two programs that know nothing of the app.
    """

    def __init__(self, kind: str, log: ChangeLog, one: Session, two: Session) -> None:
        self.kind = kind
        self.log = log
        self.one = one
        self.two = two

    async def changes(self, room: int) -> list[Change]:
        """All changes of a room's group."""
        return await self.log.after(f"room:{room}", 0, EVERYTHING)

    async def happened(self, room: int) -> list[tuple[str, str]]:
        """What happened in a room: (action, primary key) in order."""
        return [(change.action, change.pk) for change in await self.changes(room)]

    async def heads(self) -> dict[str, int]:
        """The head of each room's group."""
        return await self.log.heads([f"room:{room}" for room in ROOMS])

    async def empty(self) -> None:
        """Back to how it was at first."""
        for table in ("message", "item", "live_change", "live_group"):
            await self.one.run(f"DELETE FROM {table}")


class SqliteSession:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.execute_fetchall(sql)]


class PostgresSession:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(sql)]


@asynccontextmanager
async def sqlite_database(path: Path) -> AsyncIterator[Database]:
    """A new database in the file `path`."""
    await migrate(f"sqlite://{path}", bindings())
    config = tortoise_config(f"sqlite://{path}")
    async with (
        _connected(config, "default") as log,
        aiosqlite.connect(path, isolation_level=None, timeout=PATIENCE) as one,
        aiosqlite.connect(path, isolation_level=None, timeout=PATIENCE) as two,
    ):
        database = Database("sqlite", log, SqliteSession(one), SqliteSession(two))
        await _make_rooms(database)
        yield database


def postgres_config(url: str) -> dict[str, Any]:
    """The app's configuration for a PostgreSQL.

    Its connection is not called "default": Tortoise keeps a model's SQL per name of a connection, in whichever
    database's words came first.
    """
    config = tortoise_config(url)
    config["connections"] = {"postgres": config["connections"].pop("default")}
    config["apps"]["models"] = {"models": MODELS, "default_connection": "postgres"}
    return config


@asynccontextmanager
async def postgres_database(url: str) -> AsyncIterator[Database]:
    """The empty database at `url`."""
    config = postgres_config(url)
    one, two = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with _connected(config, "postgres") as log:
            await log.install(bindings())
            database = Database("postgres", log, PostgresSession(one), PostgresSession(two))
            await _make_rooms(database)
            yield database
    finally:
        await one.close()
        await two.close()


@asynccontextmanager
async def _connected(config: dict[str, Any], connection: str) -> AsyncIterator[ChangeLog]:
    """The app's models and the tests' own, with tables for all of them."""
    config["apps"]["things"] = {"models": ["tests.support.things"], "default_connection": connection}
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        await context.generate_schemas(safe=True)
        yield ChangeLog(get_connection(connection))


async def _make_rooms(database: Database) -> None:
    for room in ROOMS:
        await database.one.run(f"INSERT INTO room (id, name, label) VALUES ({room}, 'room-{room}', 'room-{room}')")
