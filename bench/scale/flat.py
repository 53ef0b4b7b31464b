"""What a delivery costs as rooms grow, and as there are more of them.

Sockets: 100, 1,000 and 5,000 in one room. Groups: one room of five sockets, against a thousand rooms of five, in
which the messages go round. So a message is as many deliveries with one group as with a thousand, and what differs is
only how many groups there are, and that neighbours in time are no longer neighbours in a frame.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, pairwise
from pathlib import Path

import uvloop

from bench import app, load
from bench.processes import Server
from bench.room import Room
from bench.scale import tables
from bench.scale.sample import Leg, Sample, median
from bench.sockets import Reader

SIZES = (100, 1000, 5000)
ROOMS = 1000
IN_EACH = 5
AIM = 1.3
MESSAGE = "ms per message"
SINGLE, FLIGHT = "CPU µs per delivery, one at a time", "CPU µs per delivery, 50 in flight"


@dataclass(frozen=True)
class Plan:
    """Seconds with one message at a time, and with 50 in flight."""

    one_seconds: float = 5
    flight_seconds: float = 4


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure."""
    plan = Plan(2, 2) if quick else Plan()
    yield {_size(size): partial(_leg, 1, size, plan) for size in SIZES} | {
        _groups(rooms): partial(_leg, rooms, IN_EACH, plan) for rooms in (1, ROOMS)
    }


def _size(sockets: int) -> str:
    return f"{sockets:,} sockets in one room"


def _groups(rooms: int) -> str:
    return f"{rooms:,} {'room' if rooms == 1 else 'rooms'} of {IN_EACH} sockets"


def report(rows: tables.Rows) -> list[str]:
    """Return the table, the verdicts, and what a message costs besides its deliveries."""
    lines = [*tables.table(rows), "", *tables.noise(rows, SINGLE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    if len(rows) < len(SIZES) + 2:
        return [*lines, "no verdicts: a setting is missing", tables.delivered(rows)]
    for column in (SINGLE, FLIGHT):
        by_size = [figures[_size(size)][column] for size in SIZES]
        lines.append(tables.at_most(f"100 to 5,000 sockets, {column}", max(by_size) / min(by_size), AIM))
        lines.append(tables.at_most("  a larger room against a smaller one", _growth(by_size), AIM))
    lines.append(_further([figures[_size(size)][MESSAGE] for size in SIZES]))
    for column in (SINGLE, FLIGHT):
        one, many = (figures[_groups(rooms)][column] for rooms in (1, ROOMS))
        lines.append(tables.at_most(f"1,000 groups against 1, {column}", many / one, AIM))
    return [*lines, tables.delivered(rows)]


def _further(messages: Sequence[float]) -> str:
    """The line on what one more delivery costs, by what a message costs with each number of sockets."""
    steps = zip(pairwise(SIZES), pairwise(messages), strict=True)
    costs = [(later - earlier) / (more - few) * 1000 for (few, more), (earlier, later) in steps]
    first = messages[0] - costs[0] * SIZES[0] / 1000
    return (
        f"one at a time, a message itself costs {first:.2g} ms; each further delivery"
        f" {costs[0]:.3g} µs up to 1,000 sockets, {costs[1]:.3g} µs from there to 5,000"
    )


def _growth(costs: Sequence[float]) -> float:
    """The most by which a later cost exceeds an earlier one."""
    return max(later / earlier for number, earlier in enumerate(costs) for later in costs[number:])


def _leg(rooms: int, sockets: int, plan: Plan) -> Sample:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        app.serving(Path(name), f"sqlite://{Path(name) / 'bench.sqlite3'}") as server,
    ):
        return uvloop.run(_measured(server, rooms, sockets, plan))


async def _measured(server: Server, number: int, sockets: int, plan: Plan) -> Sample:
    rooms = await _open(server, number, sockets)
    try:
        await asyncio.sleep(2)
        await load.one_at_a_time(rooms, server, messages=10, seconds=2)
        one = await load.one_at_a_time(rooms, server, 1_000_000, plan.one_seconds)
        turns = _Round(rooms, load.IN_FLIGHT)
        many = await load.kept_in_flight(rooms, server, [turns], plan.flight_seconds / 3, plan.flight_seconds)
        proofs = [str(room.proof()) for room in rooms]
    finally:
        for room in rooms:
            room.close()
    figures = {
        SINGLE: one.cost.server,
        MESSAGE: one.cost.server * sockets / 1000,
        FLIGHT: many.cost.server,
        "deliveries/s, 50 in flight": many.per_second,
        "server busy": many.shares.server,
    }
    proof = next((proof for proof in proofs if proof != "exact"), "exact")
    return Sample.of(figures, proof, one.shares, many.shares)


async def _open(server: Server, number: int, sockets: int) -> list[Room]:
    labels = [f"bench-room-{index}" for index in range(number)]
    rooms = [Room(server.port, app.dialect(label, app.enter(server.port, label))) for label in labels]
    # Several at once: a socket here and there would take the machine minutes.
    for start in range(0, number, 10):
        await asyncio.gather(*(room.open(sockets) for room in rooms[start : start + 10]))
    return rooms


class _Round:
    """Keeps messages in flight; the rooms speak in turn, and in each room its speakers."""

    def __init__(self, rooms: Sequence[Room], many: int) -> None:
        speakers = [room.readers[:: max(1, len(room.readers) // load.SENDERS)][: load.SENDERS] for room in rooms]
        self._speakers = [reader for turn in zip(*speakers, strict=True) for reader in turn]
        self._turns = cycle(self._speakers)
        self._waiting: dict[Reader, set[int]] = {reader: set() for reader in self._speakers}
        self._many = many

    def start(self) -> None:
        """Say the first ones."""
        for reader in self._speakers:
            reader.mine = partial(self._confirm, reader)
        for _ in range(self._many):
            self._say()

    def stop(self) -> None:
        """Say no more."""
        for reader in self._speakers:
            reader.mine = None

    def _say(self) -> None:
        reader = next(self._turns)
        number, frame = reader.room.message()
        self._waiting[reader].add(number)
        reader.transport.write(frame)

    def _confirm(self, reader: Reader, numbers: tuple[int, ...]) -> None:
        for number in self._waiting[reader].intersection(numbers):
            self._waiting[reader].remove(number)
            self._say()
