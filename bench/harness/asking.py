"""Writers who say the next thing as soon as the last one was answered."""

import asyncio
from collections.abc import Sequence

from bench.harness.sockets import LoadError, Reader


class Asker:
    """One of them, on a socket of its own. most: how often it asks at most, or None for until it is stopped."""

    def __init__(self, reader: Reader, most: int | None = None) -> None:
        self._reader = reader
        self._left = most
        self.waiting = False
        self.accepted = 0
        reader.answered = self._answered

    def say(self) -> None:
        """Say the next one, unless it was the last."""
        if self._left == 0:
            return
        self._left = None if self._left is None else self._left - 1
        _, frame = self._reader.room.message()
        self.waiting = True
        self._reader.transport.write(frame)

    def stop(self) -> None:
        """Say no more."""
        self._left = 0

    def _answered(self) -> None:
        self.accepted += 1
        self.waiting = False
        self.say()


class Askers:
    """Several of them; `most` is for each."""

    def __init__(self, readers: Sequence[Reader], most: int | None = None) -> None:
        self._askers = [Asker(reader, most) for reader in readers]

    @property
    def accepted(self) -> int:
        """How often they were answered."""
        return sum(asker.accepted for asker in self._askers)

    def start(self) -> None:
        """Have each begin."""
        for asker in self._askers:
            asker.say()

    def stop(self) -> None:
        """Have each end with what is under way."""
        for asker in self._askers:
            asker.stop()

    async def answered(self, seconds: float) -> None:
        """Wait until nobody waits any more. Raises LoadError after `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        while any(asker.waiting for asker in self._askers):
            if asyncio.get_running_loop().time() > until:
                raise LoadError(f"something was not answered within {seconds:.0f} s")
            await asyncio.sleep(0.02)
