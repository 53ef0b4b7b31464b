"""Two processes in one room against one: what a delivery costs when rings have to travel.

Each of the two serves half of the sockets. All settings use one PostgreSQL, each a database of its own.
"""

import asyncio
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import uvloop

from bench.harness import app, load, stores, tables
from bench.harness.processes import Fleet, Server
from bench.harness.room import Room
from bench.harness.sample import Leg, Sample, median
from bench.harness.stores import Postgres

ROOM = "bench-room-1"
ONE, REDIS, POSTGRES = "one process", "two, over Redis", "two, over PostgreSQL"
AIMS = {REDIS: 1.2, POSTGRES: 1.4}
SINGLE, FLIGHT = "CPU µs per delivery, one at a time", "CPU µs per delivery, 50 in flight"

_numbers = count(1)


@dataclass(frozen=True)
class Plan:
    """How long to measure, in seconds, and with how many sockets in all."""

    sockets: int = 1000
    one_seconds: float = 9
    flight_seconds: float = 6


QUICK = Plan(one_seconds=3, flight_seconds=2)


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure while PostgreSQL runs."""
    plan = QUICK if quick else Plan()
    with stores.postgres() as database:
        yield {name: partial(_leg, database, name, plan) for name in (ONE, REDIS, POSTGRES)}


def report(rows: tables.Rows) -> list[str]:
    """Return the table and the verdicts."""
    lines = [*tables.table(rows), "", *tables.noise(rows, SINGLE), *tables.warnings(rows)]
    medians = {name: median(samples).figures for name, samples in rows.items()}
    for name, aim in AIMS.items():
        if name not in medians or ONE not in medians:
            continue
        for column in (SINGLE, FLIGHT):
            ratio = medians[name][column] / medians[ONE][column]
            lines.append(tables.at_most(f"{name}, {column}, against one process", ratio, aim))
    return [*lines, tables.delivered(rows)]


def _leg(database: Postgres, name: str, plan: Plan) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _fleet(database, name, Path(folder)) as fleet:
        return uvloop.run(_measured(fleet, plan))


@contextmanager
def _fleet(database: Postgres, name: str, folder: Path) -> Iterator[Fleet]:
    url = database.create_database(f"bench_{next(_numbers)}")
    app.migrate(url)
    helpers: tuple[Server, ...] = (database,)
    broadcast = "memory://" if name == ONE else url
    with ExitStack() as stack:
        if name == REDIS:
            redis = stack.enter_context(stores.redis(folder))
            helpers, broadcast = (database, redis), stores.redis_url(redis)
        secret = secrets.token_urlsafe(32)
        starting = [app.serving(folder, url, broadcast, secret) for _ in range(1 if name == ONE else 2)]
        yield Fleet(tuple(stack.enter_context(one) for one in starting), helpers)


async def _measured(fleet: Fleet, plan: Plan) -> Sample:
    cursors = [app.enter(server.port, ROOM) for server in fleet.servers]
    room = Room(fleet.servers[0].port, app.dialect(ROOM, cursors[0]))
    try:
        for server in fleet.servers:
            await room.open(plan.sockets // len(fleet.servers), port=server.port)
        # Everybody has entered, and everybody has been told so.
        await asyncio.sleep(2)
        await load.one_at_a_time([room], fleet, messages=10, seconds=2)
        one = await load.one_at_a_time([room], fleet, 100_000, plan.one_seconds)
        read = len(room.readers[0].log)
        many = await load.in_flight(room, fleet, plan.flight_seconds / 3, plan.flight_seconds)
        packed = room.readers[0].log[read:]
        proof = room.proof()
    finally:
        room.close()
    helpers = {f"{store.name} µs": cost for store, cost in zip(fleet.helpers, one.cost.helpers, strict=True)}
    times = sorted(one.times)
    figures = {SINGLE: one.cost.server, **helpers, "last socket p50 ms": times[len(times) // 2] * 1000}
    figures |= {FLIGHT: many.cost.server, "deliveries/s, 50 in flight": many.per_second}
    figures["messages a frame, 50 in flight"] = sum(map(len, packed)) / len(packed)
    return Sample.of(figures, proof, one.shares, many.shares)
