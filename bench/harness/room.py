"""A thousand sockets in one process: open them, count what arrives, remember it for the proof.

All sockets of a room receive the same bytes, so each distinct piece is read once and then only compared. That
keeps the load cheaper than any server.
"""

import asyncio
import time
from dataclasses import dataclass
from itertools import chain

from bench.harness.dialect import Dialect
from bench.harness.frames import Scan, encode, scan, token
from bench.harness.sockets import Handshake, LoadError, Reader

_FILLER = "the quick brown fox jumps over the lazy dog"
_REMEMBERED = 1000

PATIENCE = 30
"""Seconds that opening a socket may take."""


def text_of(number: int) -> str:
    """Return what message `number` says."""
    return f"{token(number)} {_FILLER}"


@dataclass(frozen=True)
class Proof:
    """What every socket received, against what was said; counts are summed over all sockets."""

    missing: int
    doubled: int
    closed: int
    same_order: bool

    def __str__(self) -> str:
        if self.missing or self.doubled or self.closed:
            return f"{self.missing} missing, {self.doubled} doubled, {self.closed} sockets closed"
        return "exact" if self.same_order else "exact, orders differ"


class Room:
    """All sockets of one run, and what they have received together."""

    def __init__(self, port: int, dialect: Dialect) -> None:
        self.port = port
        self.dialect = dialect
        self.readers: list[Reader] = []
        self.sent = 0
        self.delivered = 0
        self.frames = 0
        self.lost_sockets = 0
        self._goal: int | None = None
        self._reached: asyncio.Future[float] | None = None
        self._seen: dict[tuple[bytes, int], Scan] = {}

    async def open(self, count: int, at_once: int = 50, port: int | None = None) -> None:
        """Open `count` sockets, on `port` if it is another, and wait until each is ready.

        Raises LoadError after PATIENCE seconds without an answer.
        """
        for start in range(0, count, at_once):
            opened = [self._open_one(port or self.port) for _ in range(min(at_once, count - start))]
            self.readers += await asyncio.gather(*opened)

    async def _open_one(self, port: int) -> Reader:
        loop = asyncio.get_running_loop()
        reader = Reader(self, loop.create_future())
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.create_connection(lambda: Handshake(reader, port), "127.0.0.1", port)
                await reader.ready
        except TimeoutError:
            raise LoadError(f"a socket was not ready within {PATIENCE} s") from None
        except OSError as error:
            raise LoadError(f"a socket could not be opened: {error}") from error
        return reader

    def close(self) -> None:
        """Drop all sockets at once."""
        for reader in self.readers:
            reader.transport.abort()

    def message(self) -> tuple[int, bytes]:
        """Return the number and the frame of the next message to say."""
        number, self.sent = self.sent, self.sent + 1
        return number, encode(self.dialect.say(text_of(number)).encode())

    def read(self, rest: bytes, data: bytes) -> Scan:
        """Return what `data` holds after the unfinished frame `rest`."""
        key = (rest, len(data))
        seen = self._seen.get(key)
        if seen is None or seen.data != data:
            seen = scan(rest, data, self.dialect)
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[key] = seen
        return seen

    def count(self, deliveries: int, frames: int) -> None:
        """Note deliveries to one socket, and how many frames they came in."""
        self.delivered += deliveries
        self.frames += frames
        if self._goal is not None and self.delivered >= self._goal and self._reached is not None:
            self._goal = None
            self._reached.set_result(time.perf_counter())

    async def everything_delivered(self, seconds: float) -> float:
        """Wait until each socket has each message said so far; return the moment of the last delivery.

        Raises LoadError after `seconds`.
        """
        goal = self.sent * len(self.readers)
        if self.delivered >= goal:
            return time.perf_counter()
        self._goal, self._reached = goal, asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(self._reached, seconds)
        except TimeoutError:
            self._goal = None
            missing = goal - self.delivered
            raise LoadError(f"{missing:,} of {goal:,} deliveries missing after {seconds:.0f} s") from None

    def proof(self) -> Proof:
        """Compare what each socket received with what was said."""
        expected = list(range(self.sent))
        orders = [list(chain.from_iterable(reader.log)) for reader in self.readers]
        sets = [set(order) for order in orders]
        return Proof(
            missing=sum(len(expected) - len(each) for each in sets),
            doubled=sum(len(order) - len(each) for order, each in zip(orders, sets, strict=True)),
            closed=self.lost_sockets,
            same_order=all(order == orders[0] for order in orders),
        )
