"""Creates the file and the folder of an SQLite database for their owner alone, or says why they cannot be used."""

from __future__ import annotations

import glob
import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from webapp.live.database.service_urls import UnusableURL

logger = logging.getLogger(__name__)

PRIVATE_FOLDER = 0o700
"""Mode of a folder that only its owner can use."""

PRIVATE_FILE = 0o600
"""Mode of a file that only its owner can read and write."""


def open_private(path: Path) -> BinaryIO:
    """Open a file to read and write. A missing file is created for its owner alone."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE), "r+b")


def private_folder(path: Path) -> None:
    """Make the folder `path` and its missing parents for their owner alone. Existing folders stay as they are."""
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def close_to_others(path: Path, mode: int) -> None:
    """Remove the permissions that `path` has beyond `mode`, if this process's user owns it."""
    status = path.stat()
    if status.st_mode & 0o777 & ~mode and status.st_uid == os.geteuid():
        path.chmod(status.st_mode & mode)


def prepare_file(path: Path) -> None:
    """Create the file if it is missing, and check that it can be written.

    Raises:
        UnusableURL: The file cannot be written. The text says why in one line.
        sqlite3.Error: The file is no database, or a broken one.
    """
    try:
        private_folder(path.parent)
        # If SQLite created the file, every user could read it. SQLite gives the files beside it the mode of this one.
        open_private(path).close()
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(13, "the folder cannot be written, and SQLite keeps files beside the database")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnusableURL(f"DATABASE_URL: the SQLite file {str(path)!r} cannot be used: {reason}.") from error
    # If aiosqlite opened a file that is no database, it would wait for ever. So sqlite3 opens it first.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version")


def keep_private(path: Path, own_folder: Path) -> None:
    """Take away other users' access to a database in the app's own folder. Elsewhere, only log that they can read it.

    An operator may have opened another folder on purpose, for a program of another user.

    Args:
        path: The file of the database.
        own_folder: The folder that the app creates by itself.
    """
    if path.resolve().parent == own_folder.resolve():
        close_to_others(own_folder, PRIVATE_FOLDER)
        for file in path.parent.glob(f"{glob.escape(path.name)}*"):
            close_to_others(file, PRIVATE_FILE)
    elif path.stat().st_mode & 0o004:
        logger.warning("every user of this machine can read %s; to close it: chmod 600", ascii(str(path)))
