"""Tortoise's configuration, and bringing a database up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations import api as migrations
from tortoise.migrations.executor import MigrationExecutor

from webapp.live.binding.declaration import Declaration
from webapp.live.changelog.log import ChangeLog
from webapp.live.database import postgres_client, sqlite_client
from webapp.live.database.migration_lock import migrating
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.service_urls import SqliteURL

# FULL: a commit is on the disk before its sender is answered, power cut or not; group commit shares the cost.
SQLITE = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 10_000, "foreign_keys": "ON"}

MODELS = [
    "webapp.chat.models",
    "webapp.board.models",
]
"""The modules that hold models."""


POOL = 10
"""Connections to PostgreSQL, at most, where no setting says how many."""


def tortoise_config(database_url: str, pool: int = POOL) -> dict[str, Any]:
    """Tortoise's configuration for `database_url`, with at most `pool` connections where that is a PostgreSQL."""
    return {
        "connections": {"default": _connection(database_url, pool)},
        "apps": {"models": {"models": MODELS, "migrations": "webapp.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(database_url: str, pool: int) -> dict[str, Any]:
    if is_postgres(database_url):
        credentials = {"url": PostgresURL.parse(database_url), "maxsize": pool}
        return {"engine": postgres_client.__name__, "credentials": credentials}
    url = SqliteURL.parse(database_url)
    return {
        "engine": sqlite_client.__name__,
        "credentials": {"file_path": str(url.path), **SQLITE, **url.pragmas},
    }


TORTOISE = tortoise_config("sqlite://data/webapp.sqlite3")
"""What Tortoise's own command line reads (`tortoise makemigrations`); the app takes its settings instead."""


@asynccontextmanager
async def connected(database_url: str, pool: int = POOL) -> AsyncIterator[ChangeLog]:
    """Open the database for the models, and give its change log."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(database_url, pool), _enable_global_fallback=True)
        yield ChangeLog(get_connection("default"))


async def migrate(database_url: str, bindings: Sequence[Declaration[Any]]) -> None:
    """Create or update the tables, then install the triggers that write the change log. Safe to run many at once.

    Raises:
        UnusableURL: The file of an SQLite database cannot be used.
        sqlite3.Error, or what is in `webapp.live.database.database_errors.DATABASE_AWAY`: It cannot be done now.
    """
    async with migrating(database_url), TortoiseContext():
        # One connection, besides the one that holds the lock: a small plan has few, and the app may use the rest.
        await migrations.migrate(config=tortoise_config(database_url, pool=1))
        await ChangeLog(get_connection("default")).install(bindings)


async def is_current(database_url: str, bindings: Sequence[Declaration[Any]]) -> bool:
    """Whether `migrate` has nothing to do. Raises as it does."""
    config = tortoise_config(database_url, pool=1)
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection("default")
        # Asked first because Tortoise takes a database that it cannot reach for one without any migrations.
        await connection.execute_query("SELECT 1")
        if await MigrationExecutor(connection, config["apps"]).plan():
            return False
        return await ChangeLog(connection).is_installed(bindings)
