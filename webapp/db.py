"""The app's models in its database, and their migrations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations import api as migrations
from tortoise.migrations.executor import MigrationExecutor

from webapp.features import FEATURES
from webapp.live.binding import Declaration
from webapp.live.changelog import ChangeLog
from webapp.live.database import connect, migrating

MODELS = ["webapp.tasks.models", *(module for feature in FEATURES for module in feature.models)]
"""Dotted names of the modules that hold models."""


def tortoise_config(database_url: str, pool: int = connect.POOL) -> dict[str, Any]:
    """Return Tortoise's configuration.

    Args:
        database_url: The URL of the database.
        pool: Connections to a PostgreSQL, at most.
    """
    return connect.tortoise_config(database_url, MODELS, pool, "webapp.migrations")


TORTOISE = tortoise_config("sqlite://data/webapp.sqlite3")
"""The configuration of Tortoise's own command line (`tortoise makemigrations`). The app uses its settings instead."""


@asynccontextmanager
async def connected(database_url: str, pool: int = connect.POOL) -> AsyncIterator[ChangeLog]:
    """Open the database for the models, and yield its change log.

    Args:
        database_url: The URL of the database.
        pool: Connections to a PostgreSQL, at most.
    """
    async with connect.connected(tortoise_config(database_url, pool)) as connection:
        yield ChangeLog(connection)


async def migrate(database_url: str, bindings: Sequence[Declaration[Any]]) -> None:
    """Create or update the tables, and install the triggers that write the change log.

    Several processes may call this at once; they take turns.

    Args:
        database_url: The URL of the database.
        bindings: The bindings and `Rights` whose models the change log watches.

    Raises:
        UnusableURL: The file of an SQLite database cannot be used.
        Exception: `sqlite3.Error` or one of `DATABASE_AWAY`: the database cannot be changed now.
    """
    async with migrating(database_url), TortoiseContext():
        # If this took more than one connection beside the migration lock's, a small plan might have none left for it.
        await migrations.migrate(config=tortoise_config(database_url, pool=1))
        await ChangeLog(get_connection("default")).install(bindings)


async def serves_this_release(log: ChangeLog) -> bool:
    """Return whether the open database has had all migrations that this release knows.

    A later release may have added more, and other triggers: `release:` runs before the new processes replace these,
    which go on to serve meanwhile.

    Raises:
        Exception: The error of the database.
    """
    if not await log.is_there():
        return False
    return not await MigrationExecutor(get_connection("default"), TORTOISE["apps"]).plan()


async def is_current(database_url: str, bindings: Sequence[Declaration[Any]]) -> bool:
    """Return whether the tables and triggers are up to date.

    Args:
        database_url: The URL of the database.
        bindings: The bindings and `Rights` whose models the change log watches.

    Raises:
        Exception: As `migrate`.
    """
    config = tortoise_config(database_url, pool=1)
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection("default")
        # Tortoise takes a database that it cannot reach for one without migrations, so this query fails first.
        await connection.execute_query("SELECT 1")
        if await MigrationExecutor(connection, config["apps"]).plan():
            return False
        return await ChangeLog(connection).is_installed(bindings)
