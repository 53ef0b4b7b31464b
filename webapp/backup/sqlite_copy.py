"""Copies of an SQLite file by SQLite itself, which sees to it that a copy is of one moment."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from webapp.app import bindings
from webapp.backup.cursors import new_numbers
from webapp.backup.problem import CopyError
from webapp.db import migrate
from webapp.live.database.database_errors import DATABASE_AWAY
from webapp.live.database.service_urls import UnusableURL
from webapp.live.database.sqlite_file import prepare_file

WAIT = 30.0
"""Seconds to wait for another program that is writing."""


def backup(database: Path, file: Path) -> None:
    """Copy the database to `file`. Raises CopyError."""
    if not database.is_file():
        raise CopyError(f"there is no database {str(database)!r} to copy.")
    if file.exists() and file.samefile(database):
        raise CopyError(f"{str(file)!r} is the database itself: name another file.")
    try:
        with _beside(file) as whole:
            _copy(database, whole)
            _make_one_file(whole)
            whole.chmod(0o600)
            whole.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise CopyError(f"the copy {str(file)!r} cannot be made: {error}.") from error


def restore(database: Path, file: Path) -> None:
    """Put the copy in `file` in place of what the database holds. Raises CopyError."""
    if not file.is_file():
        raise CopyError(f"there is no file {str(file)!r}.")
    try:
        prepare_file(database)
        with _beside(database) as whole:
            _copy(file, whole)
            _require_sound(whole, file)
            # A copy of a former release is brought up to date before anybody sees it.
            asyncio.run(migrate(f"sqlite://{quote(str(whole))}", bindings()))
            _renumber(whole)
            _copy(whole, database)
    except UnusableURL as error:
        raise CopyError(str(error)) from error
    except DATABASE_AWAY as error:
        raise CopyError(f"{str(file)!r} cannot be restored: {error}") from error


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A file to prepare, on the same disk as `file`, which nobody else sees."""
    with TemporaryDirectory(prefix=f".{file.name}-", dir=file.absolute().parent) as folder:
        yield Path(folder) / file.name


def _copy(source: Path, target: Path) -> None:
    """Copy a whole database into another, in one transaction of that one."""
    with closing(_opened(source, "ro")) as one, closing(_opened(target, "rwc")) as other:
        one.backup(other)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # A file that is open read-only cannot make the files beside it that its journal needs, so a reader may write too.
    mode = "rw" if mode == "ro" and os.access(path.parent, os.W_OK) and os.access(path, os.W_OK) else mode
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, timeout=WAIT)


def _make_one_file(path: Path) -> None:
    """Write all into the file itself, so that it can be moved alone."""
    with closing(_opened(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _require_sound(path: Path, file: Path) -> None:
    with closing(_opened(path, "rw")) as connection:
        ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if found != "ok":
        raise CopyError(f"{str(file)!r} is damaged: {found}.")
    if not {"room", "message"} <= tables:
        raise CopyError(f"{str(file)!r} is no copy of this app's database: it lacks the tables of rooms and messages.")


def _renumber(path: Path) -> None:
    with closing(_opened(path, "rw")) as connection, connection:
        for statement in new_numbers():
            connection.execute(statement)
