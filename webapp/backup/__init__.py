"""Copies of the whole database: `python -m webapp backup FILE` and `restore FILE`.

Modules:
    sqlite_copy.py    an SQLite file, by SQLite's own online copy
    postgres_copy.py  a PostgreSQL, by pg_dump, pg_restore and psql
    cursors.py        moves the sequence numbers of a restored database past every cursor of the time before
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from webapp.app import bindings
from webapp.backup import postgres_copy, sqlite_copy
from webapp.backup.problem import CopyError
from webapp.db import migrate
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.service_urls import sqlite_path

__all__ = ["CopyError", "backup", "restore"]


def backup(database_url: str, file: Path) -> None:
    """Write a copy of the database, as it is at one moment, to `file`. The app may go on serving meanwhile.

    A file of that name is replaced once the copy is whole.

    Raises:
        CopyError: It cannot be done; the text says why in one line.
    """
    if is_postgres(database_url):
        postgres_copy.backup(PostgresURL.parse(database_url), file)
    else:
        sqlite_copy.backup(sqlite_path(database_url), file)


def restore(database_url: str, file: Path) -> None:
    """Put what `backup` wrote in place of what the database holds, in one transaction.

    The app may go on serving meanwhile: open pages show what was restored, within about a second.

    Raises:
        CopyError: It cannot be done, and the database is as it was; the text says why in one line.
    """
    if is_postgres(database_url):
        postgres_copy.restore(PostgresURL.parse(database_url), file)
        # A copy of a former release lacks what came since.
        asyncio.run(migrate(database_url, bindings()))
    else:
        sqlite_copy.restore(sqlite_path(database_url), file)
