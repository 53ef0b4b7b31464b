"""The two ways of talking: one message at a time, and many in flight."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from bench.processes import Server
from bench.room import Room
from bench.sockets import LoadError, Reader
from bench.usage import Shares, Usage

SENDERS = 10
EACH_IN_FLIGHT = 5


@dataclass(frozen=True)
class OneAtATime:
    """cpu_us, load_us: processor time per delivery, of the server and of the load.

    times: seconds from each send to its last receipt.
    """

    cpu_us: float
    load_us: float
    times: list[float]
    shares: Shares


@dataclass(frozen=True)
class InFlight:
    """per_second: deliveries."""

    per_second: float
    shares: Shares


async def one_at_a_time(room: Room, server: Server, messages: int, seconds: float) -> OneAtATime:
    """Say a message, wait for its last receipt, say the next; at most `messages`, for about `seconds`."""
    sender = room.readers[len(room.readers) // 2]
    times: list[float] = []
    before, delivered = Usage.now(server), room.delivered
    while len(times) < messages and time.perf_counter() - before.wall < seconds:
        _, frame = room.message()
        began = time.perf_counter()
        sender.transport.write(frame)
        times.append(await room.everything_delivered(20) - began)
    # What the server still has to tidy up belongs to the messages too.
    await asyncio.sleep(0.1)
    after, deliveries = Usage.now(server), room.delivered - delivered
    cpu_us, load_us = after.server - before.server, after.load - before.load
    return OneAtATime(cpu_us / deliveries * 1e6, load_us / deliveries * 1e6, times, before.until(after))


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


async def in_flight(room: Room, server: Server, warm_up: float, seconds: float) -> InFlight:
    """Keep 50 messages in flight from 10 senders; count deliveries over `seconds` after `warm_up` seconds."""
    step = max(1, len(room.readers) // SENDERS)
    senders = [_Sender(reader) for reader in room.readers[::step][:SENDERS]]
    for sender in senders:
        sender.start()
    await asyncio.sleep(warm_up)
    before, delivered = Usage.now(server), room.delivered
    await asyncio.sleep(seconds)
    after, deliveries = Usage.now(server), room.delivered - delivered
    for sender in senders:
        sender.stop()
    # Whatever has not arrived by then is in the proof, and what was measured before stays true.
    with suppress(LoadError):
        await room.everything_delivered(30)
    return InFlight(deliveries / (after.wall - before.wall), before.until(after))
