"""Another program that writes into the app's database, as an administrator with the sqlite3 shell does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.patience import PATIENCE

SEPARATOR = "\x1f"


class Row(NamedTuple):
    """A row of the table `message`."""

    id: int
    handle: str
    text: str


MILLISECONDS = str(int(PATIENCE * 1000))

STAND_IN = """
import sqlite3, sys
database, milliseconds, separator, sql = sys.argv[1:]
connection = sqlite3.connect(database, timeout=int(milliseconds) / 1000, isolation_level=None)
statement = ""
for part in sql.split(";"):
    statement += part + ";"
    if sqlite3.complete_statement(statement):
        for row in connection.execute(statement):
            print(separator.join("" if value is None else str(value) for value in row))
        statement = ""
"""
"""Does what the sqlite3 program does for the tests, where that is not installed: `bin/test --fast` does without it."""


def shell(database: Path, sql: str) -> list[list[str]]:
    """Run `sql` with the sqlite3 program; the rows that it prints. Raises CalledProcessError."""
    if program := shutil.which("sqlite3"):
        waiting = ("-cmd", f".timeout {MILLISECONDS}", "-separator", SEPARATOR)
        command = [program, "-bail", *waiting, str(database), sql]
    else:
        command = [sys.executable, "-c", STAND_IN, str(database), MILLISECONDS, SEPARATOR, sql]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    return [line.split(SEPARATOR) for line in done.stdout.splitlines()]


def room_id(database: Path, label: str) -> int:
    """The id of the room of that label."""
    ((found,),) = shell(database, f"SELECT id FROM room WHERE label = '{label}'")
    return int(found)


def messages(database: Path, label: str) -> list[Row]:
    """All messages of a room, by id. Their texts have to be of one line."""
    return rows_of(shell(database, messages_sql(label)))


def messages_sql(label: str) -> str:
    """What asks any of the databases for them."""
    return (
        "SELECT message.id, handle, message FROM message JOIN room ON room.id = room_id"
        f" WHERE label = '{label}' ORDER BY message.id"
    )


def rows_of(found: Iterable[Sequence[str]]) -> list[Row]:
    """What it answers."""
    return [Row(int(number), handle, text) for number, handle, text in found]
