"""Messages that go round one room or many: what a delivery costs."""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import uvloop

from bench.harness import app, load
from bench.harness.dialect import Dialect
from bench.harness.processes import Server
from bench.harness.room import Room
from bench.harness.sample import Sample
from bench.harness.sockets import Reader

MESSAGE, FLIGHT_MESSAGE = "CPU ms per message, one at a time", "CPU ms per message, 50 in flight"
LAST = "ms to the last socket, one at a time"
RATE = "messages/s, 50 in flight"
SINGLE, FLIGHT = "CPU µs per delivery, one at a time", "CPU µs per delivery, 50 in flight"


@dataclass(frozen=True)
class Plan:
    """Seconds with one message at a time, and with 50 in flight."""

    one_seconds: float = 5
    flight_seconds: float = 4


Rooms = tuple[Server, Callable[[str], Dialect]]
"""A server with many rooms, and what enters one of them and returns how its clients talk."""


@contextmanager
def ours(folder: Path) -> Iterator[Rooms]:
    """Serve the app."""
    with app.serving(folder, f"sqlite://{folder / 'bench.sqlite3'}") as server:
        yield server, lambda label: app.dialect(label, app.enter(server.port, label))


def measured(
    rooms: int, sockets: int, plan: Plan, serving: Callable[[Path], AbstractContextManager[Rooms]] = ours
) -> Sample:
    """Measure the app, or another server, with that many rooms, and sockets in each."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, serving(Path(name)) as (server, enter):
        return uvloop.run(_measured(server, enter, rooms, sockets, plan))


async def _measured(server: Server, enter: Callable[[str], Dialect], number: int, sockets: int, plan: Plan) -> Sample:
    rooms = await _open(server, enter, number, sockets)
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
        LAST: statistics.median(one.times) * 1000,
        FLIGHT: many.cost.server,
        FLIGHT_MESSAGE: many.cost.server * sockets / 1000,
        RATE: many.per_second / sockets,
        "deliveries/s, 50 in flight": many.per_second,
        "server busy": many.shares.server,
    }
    proof = next((proof for proof in proofs if proof != "exact"), "exact")
    return Sample.of(figures, proof, one.shares, many.shares)


async def _open(server: Server, enter: Callable[[str], Dialect], number: int, sockets: int) -> list[Room]:
    rooms = [Room(server.port, enter(f"bench-room-{index}")) for index in range(number)]
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
