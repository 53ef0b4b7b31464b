"""Rooms and messages past their time go, and open pages follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from tests.support.patience import eventually
from tests.support.postgres_server import PostgresServer
from webapp.chat.expiry import BATCH

MANY = BATCH + 50
OLD = "datetime('now', '-40 days')"

Serve = Callable[..., AppServer]


def make(server: AppServer, label: str, messages: int, at: str = OLD, visited: str = "NULL") -> None:
    """Make a room with messages, said then, as another program would."""
    shell(
        server.database,
        f"INSERT INTO room (name, label, visited_at) VALUES ('{label}', '{label}', {visited});"
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages})"
        f" INSERT INTO message (room_id, handle, message, timestamp)"
        f" SELECT (SELECT id FROM room WHERE label = '{label}'), 'ann', 'm' || i, {at} FROM n",
    )


def hurry(server: AppServer, name: str) -> None:
    """Make a task due now."""
    shell(server.database, f"UPDATE background_task SET due_at = 0 WHERE name = '{name}'")


def last_run(database: Path, name: str) -> tuple[str, str, str]:
    """Whether a task has run, its attempts and its error."""
    sql = f"SELECT took IS NOT NULL, attempts, coalesce(error, '') FROM background_task WHERE name = '{name}'"
    found = shell(database, sql)
    return (found[0][0], found[0][1], found[0][2]) if found else ("", "", "")


async def test_messages_past_their_time_go_from_the_table_and_from_every_open_page(serve: Serve, room: str) -> None:
    server = await asyncio.to_thread(serve, MESSAGE_TTL_DAYS="30")
    await asyncio.to_thread(make, server, room, MANY)
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("ann", "today")
        await bob.until(lambda page: page.texts()[-1] == "today")
        assert len(bob.page.texts()) > 1
        await asyncio.to_thread(hurry, server, "expire-messages")
        for each in (ann, bob):
            await each.until(lambda page: page.texts() == ["today"])
    assert shell(server.database, "SELECT message FROM message") == [["today"]]
    await eventually(lambda: "task expire-messages done in" in server.log(), server.log)
    assert f": {MANY} messages deleted" in server.log()


async def test_a_room_that_nobody_uses_goes_and_one_that_somebody_uses_stays(serve: Serve, room: str) -> None:
    server = await asyncio.to_thread(serve, ROOM_TTL_DAYS="30")
    for name, at, visited in (
        ("unused", OLD, OLD),
        ("spoken-in", "datetime('now', '-1 day')", OLD),
        ("visited", OLD, "datetime('now', '-1 day')"),
        ("of-before", OLD, "NULL"),
        ("looked-at", OLD, OLD),
    ):
        await asyncio.to_thread(make, server, f"{room}-{name}", MANY if name == "unused" else 3, at, visited)
    shell(
        server.database,
        f"INSERT INTO integervalue (name, room_id) SELECT 'score', id FROM room WHERE label = '{room}-unused'",
    )
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get(f"/{room}-looked-at/")).status_code == 200
    looked_at = f"SELECT visited_at > datetime('now', '-1 day') FROM room WHERE label = '{room}-looked-at'"
    await eventually(lambda: shell(server.database, looked_at) == [["1"]])
    await asyncio.to_thread(hurry, server, "expire-rooms")
    await eventually(lambda: last_run(server.database, "expire-rooms")[0] == "1", server.log)
    left = [label for (label,) in shell(server.database, "SELECT label FROM room ORDER BY label")]
    assert left == [f"{room}-{name}" for name in ("looked-at", "of-before", "spoken-in", "visited")]
    assert shell(server.database, "SELECT count(*) FROM message") == [["12"]]
    assert shell(server.database, "SELECT count(*) FROM integervalue") == [["0"]]
    assert ": 1 rooms deleted" in server.log()


async def test_a_room_that_a_visit_made_and_where_nothing_was_said_goes(serve: Serve, room: str) -> None:
    server = await asyncio.to_thread(serve)
    for name, visited in (("empty", OLD), ("new", "datetime('now', '-1 day')"), ("counts", OLD), ("named", OLD)):
        await asyncio.to_thread(make, server, f"{room}-{name}", 0, OLD, visited)
    await asyncio.to_thread(make, server, f"{room}-spoken", 1, OLD, OLD)
    shell(
        server.database,
        "DELETE FROM message WHERE room_id IN (SELECT id FROM room WHERE label NOT LIKE '%-spoken');"
        f"INSERT INTO integervalue (name, room_id) SELECT 'score', id FROM room WHERE label = '{room}-counts';"
        f"UPDATE room SET name = 'Prepared' WHERE label = '{room}-named'",
    )
    await asyncio.to_thread(hurry, server, "expire-empty-rooms")
    await eventually(lambda: last_run(server.database, "expire-empty-rooms")[0] == "1", server.log)
    left = [label for (label,) in shell(server.database, "SELECT label FROM room ORDER BY label")]
    assert left == [f"{room}-{name}" for name in ("counts", "named", "new", "spoken")]
    assert ": 1 empty rooms deleted" in server.log()


async def test_a_page_that_is_open_when_its_room_goes_is_emptied_and_says_so_to_who_speaks(
    serve: Serve, room: str
) -> None:
    server = await asyncio.to_thread(serve, ROOM_TTL_DAYS="30")
    await asyncio.to_thread(make, server, room, 3)
    async with LiveClient(server.url, room) as ann:
        noted = f"SELECT visited_at IS NOT NULL FROM room WHERE label = '{room}'"
        await eventually(lambda: shell(server.database, noted) == [["1"]])
        # A page that stays open for longer than a room is kept, without any visit.
        shell(server.database, f"UPDATE room SET visited_at = {OLD} WHERE label = '{room}'")
        await asyncio.to_thread(hurry, server, "expire-rooms")
        await ann.until(lambda page: page.texts() == [])
        await eventually(lambda: shell(server.database, "SELECT count(*) FROM room") == [["0"]])
        frames = len(ann.frames)
        await ann.say("ann", "is anybody here?")
        await ann.until(lambda _: len(ann.frames) > frames)
        assert "is anybody here?" in ann.frames[-1]
        await ann.load()
        assert shell(server.database, "SELECT label FROM room") == [[room]]


async def test_nothing_expires_by_itself(serve: Serve, room: str) -> None:
    server = await asyncio.to_thread(serve)
    await asyncio.to_thread(make, server, room, 3)
    asked = "SELECT name FROM background_task ORDER BY name"
    await eventually(lambda: len(shell(server.database, asked)) == 8)
    names = [name for (name,) in shell(server.database, asked)]
    # Those of rooms delete what their owners want deleted.
    of_rooms = ["expire-empty-rooms", "expire-left-rooms", "expire-old-messages"]
    others = ["forget-given-up", "forget-readers", "prune-change-log", "prune-link-previews", "tend-sqlite"]
    assert names == [*of_rooms, *others]


async def test_on_postgres_the_same_goes_and_pages_follow(
    serve: Serve, postgres: PostgresServer, migrated: str, room: str
) -> None:
    database = postgres.create_database(migrated)
    postgres.query(
        database,
        "INSERT INTO room (id, name, label, visited_at) VALUES"
        f" (1, '{room}', '{room}', now()), (2, 'unused', 'unused', now() - interval '40 days');"
        "INSERT INTO message (room_id, handle, message, timestamp)"
        f" SELECT 1 + i % 2, 'ann', 'm' || i, now() - interval '40 days' FROM generate_series(1, {2 * MANY}) AS n (i)",
    )
    env = {"DATABASE_URL": postgres.url(database), "BROADCAST_URL": "", "SECRET_KEY": "a secret that only tests know"}
    server = await asyncio.to_thread(serve, ROOM_TTL_DAYS="30", MESSAGE_TTL_DAYS="35", **env)
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "today")
        await ann.until(lambda page: page.texts()[-1:] == ["today"])
        for name in ("expire-rooms", "expire-messages"):
            made = f"SELECT name FROM background_task WHERE name = '{name}'"
            await eventually(lambda made=made: postgres.query(database, made), server.log)  # type: ignore[misc]
            postgres.query(database, f"UPDATE background_task SET due_at = 0 WHERE name = '{name}'")
            done = f"SELECT 1 FROM background_task WHERE name = '{name}' AND took IS NOT NULL AND error IS NULL"
            await eventually(lambda done=done: postgres.query(database, done), server.log)  # type: ignore[misc]
        await ann.until(lambda page: page.texts() == ["today"])
    assert postgres.query(database, "SELECT label FROM room") == [[room]]
    assert postgres.query(database, "SELECT message FROM message") == [["today"]]
    assert f": {MANY} messages deleted" in server.log()


async def test_where_visitors_were_is_forgotten_after_a_while(serve: Serve, room: str) -> None:
    server = await asyncio.to_thread(serve)
    await asyncio.to_thread(make, server, room, 3)
    insert = "INSERT INTO room_reader (room_id, visitor, read_to, left_at) SELECT id, '{0}', 1, {1} FROM room;"
    ages = {"old": "datetime('now', '-91 days')", "young": "datetime('now', '-89 days')"}
    await asyncio.to_thread(shell, server.database, "".join(insert.format(*pair) for pair in ages.items()))
    await asyncio.to_thread(hurry, server, "forget-readers")
    await eventually(lambda: "task forget-readers done in" in server.log(), server.log)
    assert shell(server.database, "SELECT DISTINCT visitor FROM room_reader") == [["young"]]
