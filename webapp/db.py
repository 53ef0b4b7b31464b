"""Tortoise's configuration, and bringing a database up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations import api as migrations
from tortoise.migrations.executor import MigrationExecutor

from webapp.live import postgres_client, sqlite_client
from webapp.live.changes import ChangeLog
from webapp.live.declaration import Declaration
from webapp.locks import migrating

# FULL: a commit is on the disk before its sender is answered, power cut or not; group commit shares the cost.
SQLITE = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 10_000, "foreign_keys": "ON"}

MODELS = [
    "webapp.chat.models",
    "webapp.board.models",
]
"""The modules that hold models."""


# Seconds; a database that is frozen must not hold a page, or the writer, for ever.
POSTGRES = {"minsize": 0, "maxsize": 10, "timeout": 5, "command_timeout": 10, "reset": postgres_client.reset}


def tortoise_config(database_url: str) -> dict[str, Any]:
    """Tortoise's configuration for `database_url`."""
    connection = expand_db_url(database_url)
    credentials = connection["credentials"]
    is_sqlite = database_url.startswith("sqlite:")
    connection["engine"] = (sqlite_client if is_sqlite else postgres_client).__name__
    credentials |= SQLITE if is_sqlite else POSTGRES
    if "sslmode" in credentials:
        credentials["ssl"] = credentials.pop("sslmode")
    return {
        "connections": {"default": connection},
        "apps": {"models": {"models": MODELS, "migrations": "webapp.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


TORTOISE = tortoise_config("sqlite://data/webapp.sqlite3")
"""What Tortoise's own command line reads (`tortoise makemigrations`); the app takes its settings instead."""


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[ChangeLog]:
    """Open the database for the models, and give its change log."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(database_url), _enable_global_fallback=True)
        yield ChangeLog(get_connection("default"))


async def migrate(database_url: str, bindings: Sequence[Declaration[Any]]) -> None:
    """Create or update the tables, then install the triggers that write the change log. Safe to run many at once.

    Raises what is in `webapp.live.away.DATABASE_AWAY`, and sqlite3.Error, when that cannot be done.
    """
    async with migrating(database_url), TortoiseContext():
        await migrations.migrate(config=tortoise_config(database_url))
        await ChangeLog(get_connection("default")).install(bindings)


async def is_current(database_url: str, bindings: Sequence[Declaration[Any]]) -> bool:
    """Whether `migrate` has nothing to do. Raises as it does."""
    config = tortoise_config(database_url)
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection("default")
        # Asked first because Tortoise takes a database that it cannot reach for one without any migrations.
        await connection.execute_query("SELECT 1")
        if await MigrationExecutor(connection, config["apps"]).plan():
            return False
        return await ChangeLog(connection).is_installed(bindings)
