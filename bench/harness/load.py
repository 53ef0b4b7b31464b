"""The two ways of talking: one message at a time, and many in flight."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bench.harness.room import Room
from bench.harness.sockets import LoadError, Reader
from bench.harness.usage import Cost, Measured, Shares, Usage

SENDERS = 10
IN_FLIGHT = 50


@dataclass(frozen=True)
class OneAtATime:
    """cost: of a delivery. times: seconds from each send to its last receipt."""

    cost: Cost
    times: list[float]
    shares: Shares


@dataclass(frozen=True)
class InFlight:
    """per_second: deliveries. cost: of one of them."""

    per_second: float
    cost: Cost
    shares: Shares


async def one_at_a_time(rooms: Sequence[Room], server: Measured, messages: int, seconds: float) -> OneAtATime:
    """Say a message, wait for its last receipt, say the next, each in the next one of `rooms`.

    At most `messages`, for about `seconds`.
    """
    times: list[float] = []
    before, delivered = Usage.now(server), _delivered(rooms)
    while len(times) < messages and time.perf_counter() - before.wall < seconds:
        room = rooms[len(times) % len(rooms)]
        sender = room.readers[len(room.readers) // 2]
        _, frame = room.message()
        began = time.perf_counter()
        sender.transport.write(frame)
        times.append(await room.everything_delivered(20) - began)
    # What the server still has to tidy up belongs to the messages too.
    await asyncio.sleep(0.1)
    after, deliveries = Usage.now(server), _delivered(rooms) - delivered
    return OneAtATime(before.cost(after, deliveries), times, before.until(after))


def _delivered(rooms: Sequence[Room]) -> int:
    return sum(room.delivered for room in rooms)


class _Sender:
    """Keeps messages in flight; one counts as confirmed when it comes back to who said it."""

    def __init__(self, reader: Reader, each: int) -> None:
        self._reader = reader
        self._each = each
        self._waiting: set[int] = set()
        reader.mine = self._confirm

    def start(self) -> None:
        for _ in range(self._each):
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


class Stoppable(Protocol):
    """Somebody who keeps messages in flight between `start` and `stop`."""

    def start(self) -> None:
        """Say the first ones."""

    def stop(self) -> None:
        """Say no more."""


async def in_flight(room: Room, server: Measured, warm_up: float, seconds: float, many: int = IN_FLIGHT) -> InFlight:
    """Keep `many` messages in flight from 10 senders; count deliveries over `seconds` after `warm_up` seconds."""
    number = min(SENDERS, many, len(room.readers))
    step = len(room.readers) // number
    senders = [_Sender(reader, many // number) for reader in room.readers[::step][:number]]
    return await kept_in_flight([room], server, senders, warm_up, seconds)


async def kept_in_flight(
    rooms: Sequence[Room], server: Measured, senders: Sequence[Stoppable], warm_up: float, seconds: float
) -> InFlight:
    """Let `senders` talk; count deliveries in `rooms` over `seconds` after `warm_up` seconds."""
    for sender in senders:
        sender.start()
    await asyncio.sleep(warm_up)
    before, delivered = Usage.now(server), _delivered(rooms)
    await asyncio.sleep(seconds)
    after, deliveries = Usage.now(server), _delivered(rooms) - delivered
    for sender in senders:
        sender.stop()
    # Whatever has not arrived by then is in the proof, and what was measured before stays true.
    with suppress(LoadError):
        for room in rooms:
            await room.everything_delivered(30)
    return InFlight(deliveries / (after.wall - before.wall), before.cost(after, deliveries), before.until(after))
