"""A server is killed; its thousand readers miss 50 messages; it starts again, and all of them come back at once.

They come back as pages do, with the cursor that they have reached, but without the pauses that pages make first, so
this is the worst case. The peers' readers reconnect and get nothing of what they missed.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import uvloop

from bench.harness import app, load, tables
from bench.harness.dialect import Dialect
from bench.harness.processes import Server
from bench.harness.room import Room, text_of
from bench.harness.sample import Leg, Sample
from bench.harness.sockets import LoadError
from bench.harness.subject import Subject
from bench.harness.usage import Usage
from bench.peers.servers import CHANNELS, CHANNELS_PUBSUB, ROOM

OURS = "this app, 50 messages behind"
SECONDS, COST = "s until all have all", "server CPU ms a socket"


@dataclass(frozen=True)
class Plan:
    """How many come back, and how many messages they missed."""

    sockets: int = 1000
    missed: int = 50


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure; `quick` changes nothing, since each takes only seconds."""
    plan = Plan()
    peers = {f"{subject.name}, merely reconnecting": partial(_peer, subject, plan) for subject in _peers(quick)}
    yield {OURS: partial(_ours, plan), **peers}


def _peers(quick: bool) -> tuple[Subject, ...]:
    return (CHANNELS_PUBSUB,) if quick else (CHANNELS_PUBSUB, CHANNELS)


def report(rows: tables.Rows) -> list[str]:
    """Return the table; there is no aim but that everybody has everything."""
    return [*tables.table(rows), "", *tables.noise(rows, SECONDS), *tables.warnings(rows), tables.delivered(rows)]


def _ours(plan: Plan) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        database = Path(name) / "bench.sqlite3"
        with app.serving(Path(name), f"sqlite://{database}") as server:
            try:
                return uvloop.run(_missing(server, database, plan))
            except LoadError as error:
                raise LoadError(f"{error}\n{server.log_tail()}") from error


async def _missing(server: Server, database: Path, plan: Plan) -> Sample:
    before = Room(server.port, app.dialect(ROOM, app.enter(server.port, ROOM)))
    await before.open(plan.sockets)
    await load.one_at_a_time([before], server, messages=5, seconds=10)
    cursor = app.enter(server.port, ROOM)
    server.kill()
    _write(database, plan.missed)
    killed = time.perf_counter()
    server.restart()
    restart = time.perf_counter() - killed
    back = Room(server.port, app.dialect(ROOM, cursor))
    back.sent = plan.missed
    sample = await _come_back(back, server, plan)
    # They are live again, too; and before the fault nobody lacked anything.
    await load.one_at_a_time([back], server, messages=5, seconds=10)
    back.close()
    proof = before.proof() if before.proof().missing else back.proof()
    return replace(sample, proof=str(proof), figures={**sample.figures, "(s to start the server)": restart})


def _write(database: Path, messages: int) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for number in range(messages):
            connection.execute(
                "INSERT INTO message (room_id, handle, message) SELECT id, 'bench', ? FROM room WHERE label = ?",
                (text_of(number), ROOM),
            )
            connection.commit()


async def _come_back(room: Room, server: Server, plan: Plan) -> Sample:
    before = Usage.now(server)
    await room.open(plan.sockets, at_once=plan.sockets)
    connected = time.perf_counter() - before.wall
    done = await room.everything_delivered(60) - before.wall
    await asyncio.sleep(0.2)
    after = Usage.now(server)
    cost = before.cost(after, plan.sockets).server / 1000
    figures = {"sockets": plan.sockets, "s until all are connected": connected, SECONDS: done, COST: cost}
    return Sample.of(figures, "exact", before.until(after))


def _peer(subject: Subject, plan: Plan) -> Sample:
    try:
        return _reconnecting(subject, plan)
    except LoadError as error:
        print(f"{subject.name} with {plan.sockets:,} sockets: {error}", file=sys.stderr)
        return _reconnecting(subject, replace(plan, sockets=plan.sockets // 2))


def _reconnecting(subject: Subject, plan: Plan) -> Sample:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        subject.running(Path(name)) as (server, dialect),
    ):
        try:
            return uvloop.run(_again(server, dialect, plan))
        except LoadError as error:
            raise LoadError(f"{error}\n{server.log_tail()}") from error


async def _again(server: Server, dialect: Dialect, plan: Plan) -> Sample:
    await Room(server.port, dialect).open(plan.sockets)
    server.kill()
    began = time.perf_counter()
    server.restart()
    restart = time.perf_counter() - began
    back = Room(server.port, dialect)
    sample = await _come_back(back, server, plan)
    back.close()
    figures = {name: value for name, value in sample.figures.items() if name != SECONDS}
    return replace(sample, figures={**figures, "(s to start the server)": restart}, proof="")
