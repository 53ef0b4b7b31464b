"""Connects Tortoise to the database of a URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from webapp.live.database import postgres_client, sqlite_client
from webapp.live.database.namespace import LIVE
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.service_urls import SqliteURL

# If `synchronous` were not FULL, a power cut could undo a commit whose sender has its answer. Group commit shares the
# cost.
SQLITE = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 10_000, "foreign_keys": "ON"}

POOL = 10
"""Connections to PostgreSQL, at most, unless a setting says otherwise."""


def tortoise_config(
    database_url: str,
    models: Sequence[str],
    pool: int = POOL,
    migrations: str | None = None,
    namespace: str = LIVE,
) -> dict[str, Any]:
    """Return Tortoise's configuration.

    Args:
        database_url: `sqlite://` and a path, or `postgres://…`.
        models: The modules that hold models.
        pool: Connections to PostgreSQL, at most.
        migrations: The package of the migrations; None: there is none.
        namespace: The namespace of the change log.

    Raises:
        UnusablePostgresURL: The URL of a PostgreSQL cannot be used.
    """
    app: dict[str, Any] = {"models": list(models)}
    if migrations is not None:
        app["migrations"] = migrations
    return {
        "connections": {"default": _connection(database_url, pool, namespace)},
        "apps": {"models": app},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(database_url: str, pool: int, namespace: str) -> dict[str, Any]:
    if is_postgres(database_url):
        credentials = {"url": PostgresURL.parse(database_url), "maxsize": pool, "namespace": namespace}
        return {"engine": postgres_client.__name__, "credentials": credentials}
    url = SqliteURL.parse(database_url)
    return {
        "engine": sqlite_client.__name__,
        "credentials": {"file_path": str(url.path), "namespace": namespace, **SQLITE, **url.pragmas},
    }


@asynccontextmanager
async def connected(config: dict[str, Any]) -> AsyncIterator[BaseDBAsyncClient]:
    """Open the database for the models of `config` until the context ends."""
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        yield get_connection("default")
