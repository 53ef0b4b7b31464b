"""Many who watch what some change: a room of the chat, or one value of the board."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from pathlib import Path

import uvloop

from bench.harness import app, load
from bench.harness.asking import Askers
from bench.harness.processes import Fleet, Server
from bench.harness.room import Room
from bench.harness.sample import Sample
from bench.harness.sockets import LoadError
from bench.harness.usage import Measured, Shares, Usage
from bench.peers.adder import Adder

ROOM = "bench-room-1"
SINGLE = "CPU µs per change and socket, one at a time"
BULK = "CPU µs per frame and socket, in bulk"
MADE, SEEN = "changes in bulk", "frames a socket"

Change = Callable[[], Awaitable[None]]
"""Makes the changes of a bulk; returns when everybody has seen the last one."""


@dataclass(frozen=True)
class Plan:
    """one_seconds: how long one at a time. Then `writers` make `changes` between them, as fast as they can."""

    sockets: int = 1000
    one_seconds: float = 6
    writers: int = 20
    changes: int = 1000


def chat(plan: Plan) -> Sample:
    """Measure a room in which its readers talk."""
    with _serving() as (server, _):
        return uvloop.run(_talked(server, plan))


def pressed(plan: Plan) -> Sample:
    """Measure a value of the board that its readers change."""
    with _serving() as (server, database):
        return uvloop.run(_pressed(server, database, plan))


def outside(plan: Plan) -> Sample:
    """Measure a value of the board that another program changes."""
    with _serving() as (server, database):
        return uvloop.run(_outside(server, database, plan))


@contextmanager
def _serving() -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        database = Path(folder) / "bench.sqlite3"
        with app.serving(Path(folder), f"sqlite://{database}") as server:
            yield server, database


async def _talked(server: Server, plan: Plan) -> Sample:
    with _closing(Room(server.port, app.dialect(ROOM, app.enter(server.port, ROOM)))) as room:
        one = await _one_at_a_time(room, server, plan)
        change = partial(_asked, room, plan, partial(room.everything_delivered, 30))
        figures, shares = await _in_bulk(room, server, plan, change)
        return Sample.of({SINGLE: one.cost.server} | figures, room.proof(), one.shares, shares)


async def _pressed(server: Server, database: Path, plan: Plan) -> Sample:
    with _watching(server, database) as (room, pk):
        one = await _one_at_a_time(room, server, plan)
        figures, shares = await _in_bulk(room, server, plan, partial(_asked, room, plan, partial(_ended, room)))
        proof = _proof(room, _value(database, pk))
        return Sample.of({SINGLE: one.cost.server} | figures, proof, one.shares, shares)


async def _outside(server: Server, database: Path, plan: Plan) -> Sample:
    with _watching(server, database) as (room, pk):
        await _open(room, server, plan)
        async with Adder(database, pk, plan.changes) as adder:
            fleet = Fleet((server,), (adder,))
            figures, shares = await _in_bulk(room, fleet, plan, partial(_added, room, plan, adder))
        return Sample.of(figures, _proof(room, _value(database, pk)), shares)


@contextmanager
def _closing(room: Room) -> Iterator[Room]:
    try:
        yield room
    finally:
        room.close()


@contextmanager
def _watching(server: Server, database: Path) -> Iterator[tuple[Room, int]]:
    with closing(sqlite3.connect(database)) as connection:
        # The first change makes it 0, which is also the number of the first message.
        pk = connection.execute("INSERT INTO integervalue (name, value) VALUES ('presses', -1)").lastrowid or 0
        connection.commit()
    with _closing(Room(server.port, app.board(pk, app.enter(server.port, app.BOARD)))) as room:
        yield room, pk


def _value(database: Path, pk: int) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT value FROM integervalue WHERE id = ?", [pk]).fetchone()[0])


async def _open(room: Room, server: Server, plan: Plan) -> None:
    await room.open(plan.sockets)
    await asyncio.sleep(2)
    await load.one_at_a_time([room], server, messages=10, seconds=2)


async def _one_at_a_time(room: Room, server: Server, plan: Plan) -> load.OneAtATime:
    await _open(room, server, plan)
    return await load.one_at_a_time([room], server, 100_000, plan.one_seconds)


async def _in_bulk(room: Room, server: Measured, plan: Plan, change: Change) -> tuple[dict[str, float], Shares]:
    before, had = Usage.now(server), room.frames
    await change()
    # What the server still has to tidy up belongs to the changes too.
    await asyncio.sleep(0.1)
    after, seen = Usage.now(server), room.frames - had
    figures = {
        BULK: before.cost(after, seen).server,
        MADE: plan.changes,
        SEEN: seen / len(room.readers),
        "changes/s": plan.changes / (after.wall - before.wall),
        "server busy": before.until(after).server,
    }
    return figures, before.until(after)


async def _asked(room: Room, plan: Plan, seen: Callable[[], Awaitable[object]]) -> None:
    askers = Askers(room.readers[:: len(room.readers) // plan.writers][: plan.writers], plan.changes // plan.writers)
    askers.start()
    await askers.answered(60)
    await seen()


async def _added(room: Room, plan: Plan, adder: Adder) -> None:
    room.sent += plan.changes
    await adder.add()
    await _ended(room)


async def _ended(room: Room) -> None:
    for _ in range(3000):
        if all(reader.log and reader.log[-1][-1] == room.sent - 1 for reader in room.readers):
            return
        await asyncio.sleep(0.01)
    raise LoadError("some sockets did not show the last value within 30 s")


def _proof(room: Room, value: int) -> str:
    """Return "exact" when every socket ended with the right value and saw it only grow, else what went wrong.

    A state may come twice: a frame shows a row as it is by then, and the next one what was noted meanwhile.
    """
    shown = [list(chain.from_iterable(reader.log)) for reader in room.readers]
    wrong = sum(values[-1:] != [room.sent - 1] for values in shown)
    back = sum(any(later < earlier for earlier, later in pairwise(values)) for values in shown)
    if wrong or back or room.lost_sockets or value != room.sent - 1:
        stored = f"{value} in the database of {room.sent - 1}"
        return f"{wrong} wrong at the end, {back} went back, {room.lost_sockets} sockets closed, {stored}"
    return "exact"
