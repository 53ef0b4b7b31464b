"""Tortoise's configuration, and bringing a database up to date."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations import api as migrations

from webapp.live.binding import Binding
from webapp.live.changes import ChangeLog

# FULL: a commit is on the disk before its sender is answered, power cut or not; group commit shares the cost.
PRAGMAS = "journal_mode=WAL&synchronous=FULL&busy_timeout=10000&foreign_keys=ON"


def tortoise_config(database_url: str) -> dict[str, Any]:
    """Tortoise's configuration for `database_url`."""
    return {
        "connections": {"default": f"{database_url}{'&' if '?' in database_url else '?'}{PRAGMAS}"},
        "apps": {"models": {"models": ["webapp.chat.models"], "migrations": "webapp.migrations"}},
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


async def migrate(database_url: str, bindings: Sequence[Binding[Any]]) -> None:
    """Create or update the tables, then install the triggers that write the change log. Safe to run twice at once.

    Raises OSError, sqlite3.Error and tortoise's exceptions when that cannot be done.
    """
    path = Path(database_url.removeprefix("sqlite://").partition("?")[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Asked first without aiosqlite, which waits for ever after a file that it could not open.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version")
    with _locked(path.with_name(path.name + ".migrate-lock")):
        async with TortoiseContext():
            await migrations.migrate(config=tortoise_config(database_url))
            await ChangeLog(get_connection("default")).install(bindings)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
