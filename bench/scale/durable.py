"""Messages accepted a second by one process, against one transaction each on the same database.

Accepted means answered: its sender has been told, and the message is committed. 200 senders in one room have one in
flight each, and each of them receives all messages. The peer (`peers/writing.py`) only writes, and so does the app's
own writer in the rows that compare like with like.
"""

import asyncio
import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

import uvloop

from bench import app, measure, stores
from bench.processes import ROOT, SERVER_CORE, Fleet, Server, ServerError, environment
from bench.room import Room
from bench.scale import tables
from bench.scale.sample import Leg, Sample, median
from bench.sockets import LoadError, Reader
from bench.stores import Postgres
from bench.usage import Usage

ROOM = "bench-room-1"
SENDERS = 200
AIM = 10
RATE, COST = "accepted or written/s", "CPU µs a message"

_numbers = count(1)


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


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure while PostgreSQL runs."""
    plan = Plan(1, 2) if quick else Plan()
    with stores.postgres() as server:
        yield {
            "this app, SQLite": partial(_leg, None, partial(_ours, plan)),
            "its writer alone, SQLite": partial(_leg, None, partial(_peer, "grouped", 1, plan)),
            "one each, SQLite": partial(_leg, None, partial(_peer, "each", 1, plan)),
            "this app, PostgreSQL": partial(_leg, server, partial(_ours, plan)),
            "its writer alone, PostgreSQL": partial(_leg, server, partial(_peer, "grouped", 1, plan)),
            "one each, PostgreSQL": partial(_leg, server, partial(_peer, "each", 1, plan)),
            "one each, PostgreSQL, in 200 rooms": partial(_leg, server, partial(_peer, "each", SENDERS, plan)),
        }


def report(rows: tables.Rows) -> list[str]:
    """Return the table and the verdicts; the better one of the peer's rows is what counts.

    What is done with a second of processor time stays meaningful when something else takes a part of the core.
    """
    lines = [*tables.table(rows), "", *tables.noise(rows, RATE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    for database in ("SQLite", "PostgreSQL"):
        peers = [each for name, each in figures.items() if name.startswith(f"one each, {database}")]
        lines += [
            line
            for name in (f"this app, {database}", f"its writer alone, {database}")
            if name in figures and peers
            for line in _against(name, figures[name], peers)
        ]
    return [*lines, tables.delivered(rows)]


def _against(name: str, ours: Mapping[str, float], peers: Sequence[Mapping[str, float]]) -> list[str]:
    rate = ours[RATE] / max(peer[RATE] for peer in peers)
    cost = min(peer[COST] for peer in peers) / ours[COST]
    return [
        tables.at_least(f"{name}, against one each", rate, AIM),
        f"  per second of the server's processor time: {cost:.3g} times",
    ]


def _leg(server: Postgres | None, run: partial[Sample]) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        url = server.create_database(f"bench_{next(_numbers)}") if server else f"sqlite://{name}/bench.sqlite3"
        app.migrate(url)
        return run(Place(url, server), Path(name))


def _ours(plan: Plan, place: Place, folder: Path) -> Sample:
    with app.serving(folder, place.url) as server:
        return uvloop.run(_accepted(Fleet((server,), place.helpers), plan, place))


class _Asker:
    """Says the next message when the last one was answered."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stopping = False
        self.waiting = False
        self.accepted = 0
        reader.answered = self._answered

    def say(self) -> None:
        _, frame = self._reader.room.message()
        self.waiting = True
        self._reader.transport.write(frame)

    def stop(self) -> None:
        self._stopping = True

    def _answered(self) -> None:
        self.accepted += 1
        self.waiting = False
        if not self._stopping:
            self.say()


async def _accepted(fleet: Fleet, plan: Plan, place: Place) -> Sample:
    room = Room(fleet.servers[0].port, app.dialect(ROOM, app.enter(fleet.servers[0].port, ROOM)))
    try:
        await room.open(SENDERS)
        await asyncio.sleep(1)
        askers = [_Asker(reader) for reader in room.readers]
        for asker in askers:
            asker.say()
        await asyncio.sleep(plan.warm_up)
        before, had = Usage.now(fleet), _sum(askers)
        await asyncio.sleep(plan.seconds)
        after, accepted = Usage.now(fleet), _sum(askers) - had
        await _stop(askers)
        await room.everything_delivered(30)
        proof, shares, cost = str(room.proof()), before.until(after), before.cost(after, accepted)
        if not (place.counts() == (room.sent, room.sent) and _sum(askers) == room.sent):
            proof = f"{room.sent} said, {_sum(askers)} accepted, {place.counts()} in the database"
    finally:
        room.close()
    figures = {RATE: accepted / (after.wall - before.wall), COST: cost.server, "server busy": shares.server}
    figures |= {f"{store.name} µs": each for store, each in zip(fleet.helpers, cost.helpers, strict=True)}
    return Sample.of(figures | {"load µs": cost.load}, proof, shares)


def _sum(askers: Sequence[_Asker]) -> int:
    return sum(asker.accepted for asker in askers)


async def _stop(askers: Sequence[_Asker]) -> None:
    for asker in askers:
        asker.stop()
    for _ in range(300):
        if not any(asker.waiting for asker in askers):
            return
        await asyncio.sleep(0.1)
    raise LoadError("some messages were not answered within 30 s")


def _peer(how: str, rooms: int, plan: Plan, place: Place, folder: Path) -> Sample:
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
