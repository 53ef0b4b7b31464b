"""Another program that writes into the app's database, as an administrator with the sqlite3 shell does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

SEPARATOR = "\x1f"


class Row(NamedTuple):
    """A row of the table `message`."""

    id: int
    handle: str
    text: str


def shell(database: Path, sql: str) -> list[list[str]]:
    """Run `sql` with the sqlite3 program; the rows that it prints. Raises CalledProcessError."""
    command = ["sqlite3", "-bail", "-cmd", ".timeout 10000", "-separator", SEPARATOR, str(database), sql]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
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
