"""How many messages the app accepts a second, or its peer writes, in one database."""

import asyncio
import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from bench.harness import app, measure
from bench.harness.asking import Askers
from bench.harness.processes import ROOT, SERVER_CORE, Fleet, Server, ServerError, environment
from bench.harness.room import Room
from bench.harness.sample import Sample
from bench.harness.stores import Postgres
from bench.harness.usage import Usage

ROOM = "bench-room-1"
SENDERS = 200
RATE, COST = "accepted or written/s", "CPU µs a message"


@dataclass(frozen=True)
class Plan:
    """Seconds before and while counting."""

    warm_up: float = 1.5
    seconds: float = 5


@dataclass(frozen=True)
class Place:
    """A database of one leg. server: of PostgreSQL."""

    url: str
    server: Postgres | None = None

    @property
    def helpers(self) -> tuple[Server, ...]:
        """The server, if there is one."""
        return (self.server,) if self.server else ()

    def counts(self) -> tuple[int, int]:
        """Return how many messages there are, and how many different ones."""
        sql = "SELECT count(*), count(DISTINCT message) FROM message"
        if self.server:
            every, different = self.server.query(self.url.rpartition("/")[2], sql).split("|")
            return int(every), int(different)
        with closing(sqlite3.connect(self.url.removeprefix("sqlite://"))) as connection:
            every, different = connection.execute(sql).fetchone()
            return every, different


def ours(plan: Plan, place: Place, folder: Path) -> Sample:
    """Measure the app."""
    return _served("webapp", plan, place, folder)


def one_each(plan: Plan, place: Place, folder: Path) -> Sample:
    """Measure the app with a transaction for each message, which is `peers/one_each.py`."""
    return _served("bench.peers.one_each", plan, place, folder)


def _served(module: str, plan: Plan, place: Place, folder: Path) -> Sample:
    with app.serving(folder, place.url, module=module) as server:
        return uvloop.run(_accepted(Fleet((server,), place.helpers), plan, place))


async def _accepted(fleet: Fleet, plan: Plan, place: Place) -> Sample:
    room = Room(fleet.servers[0].port, app.dialect(ROOM, app.enter(fleet.servers[0].port, ROOM)))
    try:
        await room.open(SENDERS)
        await asyncio.sleep(1)
        askers = Askers(room.readers)
        askers.start()
        await asyncio.sleep(plan.warm_up)
        before, had = Usage.now(fleet), askers.accepted
        await asyncio.sleep(plan.seconds)
        after, accepted = Usage.now(fleet), askers.accepted - had
        askers.stop()
        await askers.answered(30)
        await room.everything_delivered(30)
        proof, shares, cost = str(room.proof()), before.until(after), before.cost(after, accepted)
        if not (place.counts() == (room.sent, room.sent) and askers.accepted == room.sent):
            proof = f"{room.sent} said, {askers.accepted} accepted, {place.counts()} in the database"
    finally:
        room.close()
    figures = {RATE: accepted / (after.wall - before.wall), COST: cost.server, "server busy": shares.server}
    figures |= {f"{store.name} µs": each for store, each in zip(fleet.helpers, cost.helpers, strict=True)}
    return Sample.of(figures | {"load µs": cost.load}, proof, shares)


def peer(how: str, rooms: int, plan: Plan, place: Place, folder: Path) -> Sample:
    """Measure `peers/writing.py`, which takes "each" or "grouped" and a number of rooms."""
    command = [app.PYTHON, "-m", "bench.peers.writing", how, str(SENDERS), str(rooms)]
    command += [str(plan.warm_up), str(plan.seconds)]
    before, ended = Usage.now(Fleet((), place.helpers)), measure.children_seconds()
    done = subprocess.run(
        ["taskset", "-c", str(SERVER_CORE), *command],
        cwd=folder,
        env=environment(DATABASE_URL=place.url, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise ServerError(done.stderr)
    said = json.loads(done.stdout)
    written = int(said["written"])
    after = Usage.now(Fleet((), place.helpers))
    after = replace(after, server=before.server + measure.children_seconds() - ended)
    proof = "" if place.counts() == (written, written) else f"{written} written, {place.counts()} in the database"
    busy = said["cpu_us"] * said["per_second"] / 1e6
    figures = {RATE: said["per_second"], COST: said["cpu_us"], "server busy": busy}
    return Sample.of(figures, proof, before.until(after))
