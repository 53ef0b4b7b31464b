"""The app's models in its database, and bringing that up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations import api as migrations
from tortoise.migrations.executor import MigrationExecutor

from webapp.features import FEATURES
from webapp.live.binding.declaration import Declaration
from webapp.live.changelog.log import ChangeLog
from webapp.live.database import connect
from webapp.live.database.migration_lock import migrating

MODELS = ["webapp.tasks.models", *(module for feature in FEATURES for module in feature.models)]
"""The modules that hold models."""


def tortoise_config(database_url: str, pool: int = connect.POOL) -> dict[str, Any]:
    """Tortoise's configuration for `database_url`, with at most `pool` connections where that is a PostgreSQL."""
    return connect.tortoise_config(database_url, MODELS, pool, "webapp.migrations")


TORTOISE = tortoise_config("sqlite://data/webapp.sqlite3")
"""What Tortoise's own command line reads (`tortoise makemigrations`); the app takes its settings instead."""


@asynccontextmanager
async def connected(database_url: str, pool: int = connect.POOL) -> AsyncIterator[ChangeLog]:
    """Open the database for the models, and give its change log."""
    async with connect.connected(tortoise_config(database_url, pool)) as connection:
        yield ChangeLog(connection)


async def migrate(database_url: str, bindings: Sequence[Declaration[Any]]) -> None:
    """Create or update the tables, then install the triggers that write the change log. Safe to run many at once.

    Raises:
        UnusableURL: The file of an SQLite database cannot be used.
        sqlite3.Error, or what is in `DATABASE_AWAY`: It cannot be done now.
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
