"""How long messages are kept where the owner says so."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from tests.access.people import HIDDEN, Person
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.live_client import LiveClient
from tests.support.patience import eventually_blocking


def run_now(server: AppServer, name: str) -> None:
    """Have the server run a background task, and wait until it has."""
    assert webapp("tasks", "--now", name, **server.environment).returncode == 0

    def has_run() -> bool:
        with closing(sqlite3.connect(server.database)) as database:
            row = database.execute("SELECT lease, due_at FROM background_task WHERE name = ?", (name,)).fetchone()
        return row is not None and row[0] is None and row[1] > time.time() * 1000 + 1000

    eventually_blocking(has_run)


@pytest.mark.parametrize(("keeps", "kept"), [("always", 3), ("week", 2), ("day", 1)])
def test_messages_go_when_they_are_older_than_the_room_keeps_them(
    server: AppServer, owner: Person, keeps: str, kept: int
) -> None:
    owner.say("two days old")
    owner.say("two weeks old")
    for text, age in (("two days old", "-2 days"), ("two weeks old", "-14 days")):
        sql = f"UPDATE message SET timestamp = datetime('now', '{age}') || '+00:00' WHERE message = ?"
        tell(server.database, sql, [(text,)])
    owner.set("keeps", keeps=keeps)
    run_now(server, "expire-old-messages")
    assert len(owner.page().texts()) == kept


def test_messages_are_kept_until_nobody_is_in_the_room(server: AppServer, owner: Person, guest: Person) -> None:
    owner.set("keeps", keeps="left")
    run_now(server, "expire-left-rooms")
    assert owner.page().texts()  # somebody set this a moment ago
    tell(server.database, "UPDATE room_policy SET seen_at = '2020-01-01 00:00:00+00:00' WHERE keeps = 'left'")
    run_now(server, "expire-left-rooms")
    assert owner.page().texts() == []


async def test_messages_are_kept_while_somebody_is_in_the_room(server: AppServer, owner: Person) -> None:
    owner.set("keeps", keeps="left")
    async with LiveClient(server.url, owner.label):
        tell(server.database, "UPDATE room_policy SET seen_at = '2020-01-01 00:00:00+00:00' WHERE keeps = 'left'")

        def is_noted() -> bool:
            with closing(sqlite3.connect(server.database)) as database:
                rows = database.execute("SELECT seen_at FROM room_policy WHERE keeps = 'left'").fetchall()
            return any(not str(seen_at).startswith("2020") for (seen_at,) in rows)

        await asyncio.to_thread(eventually_blocking, is_noted)
        await asyncio.to_thread(run_now, server, "expire-left-rooms")
        assert (await asyncio.to_thread(owner.page)).texts() == [HIDDEN]
