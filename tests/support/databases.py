"""Both databases that the app runs on, with the same face for the tests."""

from __future__ import annotations

import itertools
import shutil
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol

import aiosqlite
import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from tests.support.database_shell import shell
from tests.support.patience import PATIENCE
from tests.support.postgres_server import PostgresServer
from webapp.db import MODELS, tortoise_config
from webapp.live.changelog.log import Change, ChangeLog

ROOMS = (1, 2, 3)
EVERYTHING = 1_000_000


TABLES = ("odd", "integervalue", "item", "message", "room", "live_change", "live_group", "live_unreadable")
"""The tables that tests write, in an order in which they can be emptied."""


class Databases(ABC):
    """Makes databases of one kind. `kind` is `sqlite` or `postgres`; each database is named by its URL."""

    kind: ClassVar[str]
    server_log: Path | None = None
    """Where the database server logs, if there is one."""

    def __init__(self) -> None:
        self._shared = ""

    @abstractmethod
    def empty(self) -> str:
        """A new database without tables."""

    @abstractmethod
    def migrated(self) -> str:
        """A new database with the app's tables and triggers."""

    @abstractmethod
    def query(self, url: str, sql: str) -> list[list[str]]:
        """Run `sql` on a database as another program; the rows, whose values have to be of one line."""

    def shared(self) -> str:
        """A migrated database that tests take in turn; `opened` empties it."""
        return self.migrated()


class SqliteDatabases(Databases):
    """SQLite files in `folder`; `template` is a migrated one."""

    kind = "sqlite"

    def __init__(self, folder: Path, template: Path) -> None:
        super().__init__()
        self._folder = folder
        self._template = template
        self._numbers = itertools.count(1)

    def empty(self) -> str:
        return f"sqlite://{self._folder / f'database-{next(self._numbers)}.sqlite3'}"

    def migrated(self) -> str:
        url = self.empty()
        shutil.copy(self._template, path_of(url))
        return url

    def query(self, url: str, sql: str) -> list[list[str]]:
        return shell(path_of(url), sql)


class PostgresDatabases(Databases):
    """Databases on `server`; `template` is the name of a migrated one."""

    kind = "postgres"

    def __init__(self, server: PostgresServer, template: str) -> None:
        super().__init__()
        self._server = server
        self._template = template
        self.server_log = server.log_path

    def empty(self) -> str:
        return self._server.url(self._server.create_database())

    def migrated(self) -> str:
        return self._server.url(self._server.create_database(self._template))

    def query(self, url: str, sql: str) -> list[list[str]]:
        return self._server.query(url.rpartition("/")[2], sql)

    def shared(self) -> str:
        # A copy for each test would take longer than most of the tests.
        self._shared = self._shared or self.migrated()
        return self._shared


def path_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(url.removeprefix("sqlite://"))


class Session(Protocol):
    """A connection that is not the app's; it commits by itself unless it is told to begin."""

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""


class Database:
    """A database with the app's tables and triggers and the rooms 1 to 3, without messages.

    url: where it is. log: the app's view of it. one, two: two programs that know nothing of the app.
    """

    def __init__(self, url: str, log: ChangeLog, one: Session, two: Session) -> None:
        self.url = url
        self.kind = url.partition(":")[0]
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
async def opened(url: str) -> AsyncIterator[Database]:
    """The migrated database at `url`, emptied of what another test left, with the rooms 1 to 3."""
    is_file = url.startswith("sqlite:")
    config = tortoise_config(url) if is_file else postgres_config(url)
    async with (
        _connected(config, "default" if is_file else "postgres") as log,
        _other_program(url) as one,
        _other_program(url) as two,
    ):
        if await one.run("SELECT 1 FROM room LIMIT 1"):
            for table in TABLES:
                await one.run(f"DELETE FROM {table}")
        for room in ROOMS:
            await one.run(f"INSERT INTO room (id, name, label) VALUES ({room}, 'room-{room}', 'room-{room}')")
        yield Database(url, log, one, two)


@asynccontextmanager
async def _other_program(url: str) -> AsyncIterator[Session]:
    if url.startswith("sqlite:"):
        async with aiosqlite.connect(path_of(url), isolation_level=None, timeout=PATIENCE) as connection:
            yield SqliteSession(connection)
        return
    opened = await asyncpg.connect(url)
    try:
        yield PostgresSession(opened)
    finally:
        await opened.close()


@asynccontextmanager
async def _connected(config: dict[str, Any], connection: str) -> AsyncIterator[ChangeLog]:
    """The app's models and the tests' own, with tables for all of them."""
    config["apps"]["things"] = {"models": ["tests.support.things"], "default_connection": connection}
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        await context.generate_schemas(safe=True)
        yield ChangeLog(get_connection(connection))
