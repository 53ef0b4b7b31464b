"""Whoever writes a value, by whatever program, the board and the room show it within two seconds."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.board_values import at_home, board_values, room_values
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import within

PROMISED = 2.0


@dataclass(frozen=True)
class World:
    """A served app, and the program that its database's administrator has."""

    kind: str
    server: AppServer
    shell: Callable[[str], list[list[str]]]

    async def write(self, sql: str) -> None:
        """Have the program do it."""
        await asyncio.to_thread(self.shell, sql)

    async def room(self, label: str) -> int:
        """The id of a room."""
        ((found,),) = await asyncio.to_thread(self.shell, f"SELECT id FROM room WHERE label = '{label}'")
        return int(found)


SQLITE, REDIS, POSTGRES = "sqlite", "postgres+redis", "postgres+postgres"


@pytest.fixture(scope="module", params=[SQLITE, REDIS, POSTGRES])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Each kind of database and relay in turn."""
    folder: Path = tmp_path_factory.mktemp("outside")
    kind: str = request.param
    with ExitStack() as stack:
        if kind == SQLITE:
            server = stack.enter_context(AppServer(folder))
            yield World(kind, server, lambda sql: shell(server.database, sql))
        else:
            postgres = request.getfixturevalue("postgres")
            name = postgres.create_database(request.getfixturevalue("migrated"))
            relay = request.getfixturevalue("redis").url if kind == REDIS else ""
            env = {"DATABASE_URL": postgres.url(name), "BROADCAST_URL": relay}
            server = stack.enter_context(AppServer(folder, env))
            yield World(kind, server, lambda sql: postgres.query(name, sql))
    server.check()


def board(expected: dict[str, int]) -> Callable[[PageModel], bool]:
    return lambda page: board_values(page) == expected


def header(expected: dict[str, int]) -> Callable[[PageModel], bool]:
    return lambda page: room_values(page) == expected


STATEMENTS = {
    "a name is enough": ("INSERT INTO integervalue (name) VALUES ('x')", {"a": 1, "b": 2, "x": 0}, {"r": 5}),
    "for a room, its id too": (
        "INSERT INTO integervalue (name, room_id) VALUES ('x', {room})",
        {"a": 1, "b": 2},
        {"r": 5, "x": 0},
    ),
    "all at once": ("UPDATE integervalue SET value = value + 1", {"a": 2, "b": 3}, {"r": 6}),
    "many at once": (
        "INSERT INTO integervalue (name, value, room_id)"
        " SELECT name || '2', value, room_id FROM integervalue ORDER BY id",
        {"a": 1, "b": 2, "a2": 1, "b2": 2},
        {"r": 5, "r2": 5},
    ),
    "a new name": ("UPDATE integervalue SET name = 'c' WHERE name = 'a'", {"c": 1, "b": 2}, {"r": 5}),
    "off the board": (
        "UPDATE integervalue SET room_id = {room} WHERE name = 'a'",
        {"b": 2},
        {"a": 1, "r": 5},
    ),
    "onto the board": ("UPDATE integervalue SET room_id = NULL WHERE name = 'r'", {"a": 1, "b": 2, "r": 5}, {}),
    "a change of places": (
        "UPDATE integervalue SET room_id = CASE WHEN room_id IS NULL THEN {room} END",
        {"r": 5},
        {"a": 1, "b": 2},
    ),
    "deleted": ("DELETE FROM integervalue WHERE name IN ('b', 'r')", {"a": 1}, {}),
    "all deleted": ("DELETE FROM integervalue", {}, {}),
    "a room that goes with its values": ("{cascade}DELETE FROM room WHERE id = {room}", {"a": 1, "b": 2}, {}),
    "insert or update": (
        "INSERT INTO integervalue (name, value) VALUES ('a', 7), ('x', 8) ON CONFLICT (name) WHERE room_id IS NULL"
        " DO UPDATE SET value = excluded.value",
        {"a": 7, "b": 2, "x": 8},
        {"r": 5},
    ),
    "insert or nothing": (
        "INSERT INTO integervalue (name, value) VALUES ('a', 7), ('x', 8) ON CONFLICT DO NOTHING",
        {"a": 1, "b": 2, "x": 8},
        {"r": 5},
    ),
    "what is rolled back never happened": (
        "BEGIN; DELETE FROM integervalue; INSERT INTO integervalue (name) VALUES ('never'); ROLLBACK;"
        " UPDATE integervalue SET value = 3 WHERE name = 'b'",
        {"a": 1, "b": 3},
        {"r": 5},
    ),
    "what is rolled back to a savepoint neither": (
        "BEGIN; UPDATE integervalue SET value = 3 WHERE name = 'b'; SAVEPOINT s;"
        " INSERT INTO integervalue (name) VALUES ('never'); UPDATE integervalue SET value = 99; ROLLBACK TO s; COMMIT",
        {"a": 1, "b": 3},
        {"r": 5},
    ),
    "the largest and the smallest": (
        "UPDATE integervalue SET value = CASE name WHEN 'a' THEN 9223372036854775807 ELSE -9223372036854775807 - 1 END",
        {"a": 2**63 - 1, "b": -(2**63)},
        {"r": -(2**63)},
    ),
}
SQLITE_ONLY = {
    "replace by name": (
        "REPLACE INTO integervalue (name, value) VALUES ('a', 7)",
        {"b": 2, "a": 7},
        {"r": 5},
    ),
    "insert or replace in a room": (
        "INSERT OR REPLACE INTO integervalue (name, value, room_id) VALUES ('r', 7, {room})",
        {"a": 1, "b": 2},
        {"r": 7},
    ),
}
POSTGRES_TOO = {
    "truncate": ("TRUNCATE integervalue", {}, {}),
    **{
        kind: STATEMENTS[kind]
        for kind in (
            "a name is enough",
            "many at once",
            "a change of places",
            "a room that goes with its values",
            "insert or update",
            "what is rolled back never happened",
            "what is rolled back to a savepoint neither",
            "the largest and the smallest",
        )
    },
}
EVERYTHING = {**STATEMENTS, **SQLITE_ONLY, **POSTGRES_TOO}
CASES = [
    *((SQLITE, kind) for kind in (*STATEMENTS, *SQLITE_ONLY)),
    *((REDIS, kind) for kind in POSTGRES_TOO),
    (POSTGRES, "a change of places"),
]
"""Each statement where it may differ: how a process hears of its own database's writes, no relay has a part in."""


@pytest.mark.parametrize(("world", "kind"), CASES, indirect=["world"])
async def test_what_another_program_writes_is_on_every_page(world: World, room: str, kind: str) -> None:
    sql, on_board, in_room = EVERYTHING[kind]
    cascade = "PRAGMA foreign_keys = ON; " if world.kind == SQLITE else ""
    async with at_home(world.server) as ann, LiveClient(world.server.url, room) as bob:
        here = await world.room(room)
        await world.write(
            "DELETE FROM integervalue;"
            f" INSERT INTO integervalue (name, value, room_id) VALUES ('a', 1, NULL), ('b', 2, NULL), ('r', 5, {here})"
        )
        await ann.until(board({"a": 1, "b": 2}))
        await bob.until(header({"r": 5}))
        await world.write(sql.format(room=here, cascade=cascade))
        await ann.until(board(on_board), within(PROMISED))
        await bob.until(header(in_room), within(PROMISED))
        assert not any("never" in frame for frame in ann.frames)


async def test_what_the_orm_of_another_program_writes_is_on_every_page(world: World, room: str) -> None:
    url = str(world.server.environment["DATABASE_URL"])
    async with at_home(world.server) as ann, LiveClient(world.server.url, room) as bob:
        here = await world.room(room)
        await world.write("DELETE FROM integervalue")
        await ann.until(board({}))
        async with outsider(url, here) as go_on:
            for on_board, in_room in OUTSIDERS_WAY:
                await go_on()
                await ann.until(board(on_board), within(PROMISED))
                await bob.until(header(in_room), within(PROMISED))


OUTSIDERS_WAY: tuple[tuple[dict[str, int], dict[str, int]], ...] = (
    ({"a": 1, "b": 2}, {"r": 3}),
    ({"a": 11, "b": 12}, {"r": 13}),
    ({"b": 12}, {"a": 11, "r": 13}),
    ({"b": 12, "n": 0}, {"a": 11, "r": 0}),
    ({}, {}),
)
"""What is on the board and in the room after each step of the program below."""

OUTSIDER = """
import asyncio, sys
from tortoise.transactions import in_transaction
from webapp.board.models import IntegerValue as Value
from webapp.db import connected

async def main(url, room):
    async def bulk_create():
        await Value.bulk_create([Value(name=name, value=value) for name, value in (("a", 1), ("b", 2))])
        await Value.bulk_create([Value(name="r", value=3, room_id=room)])
    async def update():
        for row in await Value.all():
            await Value.filter(id=row.id).update(value=row.value + 10)
    async def save():
        row = await Value.get(name="a")
        row.room_id = room
        await row.save()
    async def create():
        try:
            async with in_transaction():
                await Value.create(name="never")
                raise KeyError
        except KeyError:
            await Value.create(name="n")
            await Value.filter(name="r").update(value=0)
    async def delete():
        await Value.all().delete()
    async with connected(url):
        for step in (bulk_create, update, save, create, delete):
            await asyncio.to_thread(sys.stdin.readline)
            await step()
            print("done", flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@asynccontextmanager
async def outsider(url: str, room: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A program of its own that takes its next step at each call."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OUTSIDER, url, str(room), env=env, stdin=pipe, stdout=pipe
    )
    lines, answers = program.stdin, program.stdout
    assert lines is not None
    assert answers is not None

    async def go_on() -> None:
        lines.write(b"\n")
        assert await answers.readline() == b"done\n"

    try:
        yield go_on
    finally:
        lines.close()
        assert await program.wait() == 0
