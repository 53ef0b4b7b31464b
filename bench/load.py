"""The two ways of talking: one message at a time, and many in flight."""

import asyncio
import time
from dataclasses import dataclass

from bench import measure
from bench.processes import LOAD_CORE, SERVER_CORE
from bench.room import Room
from bench.sockets import Reader

SENDERS = 10
EACH_IN_FLIGHT = 5


@dataclass(frozen=True)
class OneAtATime:
    """cpu_us: the server's processor time per delivery. times: seconds from each send to its last receipt."""

    cpu_us: float
    times: list[float]


@dataclass(frozen=True)
class InFlight:
    """per_second: deliveries. The others are busy shares, 0 to 1; `load` is this process alone."""

    per_second: float
    server_core: float
    load_core: float
    load: float


async def one_at_a_time(room: Room, pid: int, messages: int, seconds: float) -> OneAtATime:
    """Say a message, wait for its last receipt, say the next; at most `messages`, for about `seconds`."""
    sender = room.readers[len(room.readers) // 2]
    times: list[float] = []
    before, delivered = measure.cpu_seconds(pid), room.delivered
    until = time.perf_counter() + seconds
    while len(times) < messages and time.perf_counter() < until:
        _, frame = room.message()
        began = time.perf_counter()
        sender.transport.write(frame)
        times.append(await room.everything_delivered(20) - began)
    # What the server still has to tidy up belongs to the messages too.
    await asyncio.sleep(0.1)
    spent = measure.cpu_seconds(pid) - before
    return OneAtATime(spent / (room.delivered - delivered) * 1e6, times)


class _Sender:
    """Keeps messages in flight; one counts as confirmed when it comes back to who said it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._waiting: set[int] = set()
        reader.mine = self._confirm

    def start(self) -> None:
        for _ in range(EACH_IN_FLIGHT):
            self._say()

    def stop(self) -> None:
        self._reader.mine = None

    def _say(self) -> None:
        number, frame = self._reader.room.message()
        self._waiting.add(number)
        self._reader.transport.write(frame)

    def _confirm(self, numbers: tuple[int, ...]) -> None:
        for number in self._waiting.intersection(numbers):
            self._waiting.remove(number)
            self._say()


async def in_flight(room: Room, warm_up: float, seconds: float) -> InFlight:
    """Keep 50 messages in flight from 10 senders; count deliveries over `seconds` after `warm_up` seconds."""
    step = max(1, len(room.readers) // SENDERS)
    senders = [_Sender(reader) for reader in room.readers[::step][:SENDERS]]
    for sender in senders:
        sender.start()
    await asyncio.sleep(warm_up)
    before = _now(room)
    await asyncio.sleep(seconds)
    after = _now(room)
    for sender in senders:
        sender.stop()
    await room.everything_delivered(60)
    deliveries, elapsed, *busy = (b - a for a, b in zip(before, after, strict=True))
    return InFlight(deliveries / elapsed, *(share / elapsed for share in busy))


def _now(room: Room) -> tuple[float, ...]:
    cores = (measure.core_seconds(SERVER_CORE), measure.core_seconds(LOAD_CORE))
    return room.delivered, time.perf_counter(), *cores, time.process_time()
