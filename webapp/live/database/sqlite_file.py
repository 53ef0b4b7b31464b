"""The file of an SQLite database, and its folder: made for their owner alone, and refused where they cannot be used."""

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
PRIVATE_FILE = 0o600


def open_private(path: Path) -> BinaryIO:
    """Open a file to read and write; one that is missing is created for its owner alone."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE), "r+b")


def private_folder(path: Path) -> None:
    """Make the folder `path` and those above it, for their owner alone; one that is there stays as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def close_to_others(path: Path, mode: int) -> None:
    """Take from everybody else what they may do with `path`, where it is ours and more open than `mode`."""
    status = path.stat()
    if status.st_mode & 0o777 & ~mode and status.st_uid == os.geteuid():
        path.chmod(status.st_mode & mode)


def prepare_file(path: Path) -> None:
    """Create the file where it is missing, and find out whether it can be written.

    Raises:
        UnusableURL: It cannot, and the text says why in one line.
        sqlite3.Error: The file is no database, or a broken one.
    """
    try:
        private_folder(path.parent)
        # Before SQLite creates it, which everybody could read; the files beside it get this one's mode.
        open_private(path).close()
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(13, "the folder cannot be written, and SQLite keeps files beside the database")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnusableURL(f"DATABASE_URL: the SQLite file {str(path)!r} cannot be used: {reason}.") from error
    # Asked first without aiosqlite, which waits for ever after a file that it could not open.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version")


def keep_private(path: Path, own_folder: Path) -> None:
    """Close a database in `own_folder` to others, with its folder; elsewhere only tell that it is open.

    Another folder may have been opened to a program of another user on purpose.
    """
    if path.resolve().parent == own_folder.resolve():
        close_to_others(own_folder, PRIVATE_FOLDER)
        for file in path.parent.glob(f"{glob.escape(path.name)}*"):
            close_to_others(file, PRIVATE_FILE)
    elif path.stat().st_mode & 0o004:
        logger.warning("every user of this machine can read %s; to close it: chmod 600", ascii(str(path)))
