"""Readiness: whether visitors should be sent to this process, and which part of it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from webapp.live.fanout import Hub
from webapp.live.relay import Relay
from webapp.live.writing import WriteProbe

PATIENCE = 2.0
"""Seconds that the database may take to answer."""

FRESH = 1.0
"""Seconds for which the database is not asked again."""

HEARD = 5.0
"""Seconds since the relay was last heard, after which the poll has to carry. The relay beats once a second."""

LOOKED = 5.0
"""Seconds since the last look at the change log, after which pages may be behind. The poll looks twice a second."""


class Part(NamedTuple):
    """The state of a part of the process.

    Attributes:
        name: The name of the part.
        fails: Whether the part keeps the process from serving.
        told: The state in words; `ok` if nothing is wrong.
    """

    name: str
    fails: bool
    told: str


STOPPING = Part("process", True, "stopping")


class Readiness:
    """Asks each part of the engine for its state.

    Args:
        hub: Knows when the poll last read the change log.
        probe: Tries whether a write succeeds.
        relay: Knows when it last heard itself.
        is_migrated: Returns whether the database has had the migrations of this release. Raises if the database cannot
            be reached.
    """

    def __init__(self, hub: Hub, probe: WriteProbe, relay: Relay, is_migrated: Callable[[], Awaitable[bool]]) -> None:
        self._hub = hub
        self._probe = probe
        self._relay = relay
        self._is_migrated = is_migrated
        self._asking: asyncio.Task[None] | None = None
        self._answer = ""
        self._answered_at = float("-inf")
        self._stopping = False

    def stop(self) -> None:
        """Make the process not ready from now on, since it was told to stop."""
        self._stopping = True

    async def parts(self) -> Sequence[Part]:
        """Return the state of each part, within PATIENCE."""
        if stopping := self._process():
            return stopping
        database, writer = await asyncio.gather(self._database(), self._probe.trouble())
        now = time.monotonic()
        looked, heard = now - self._hub.looked_at, now - self._relay.heard_at
        behind = f"the change log was last looked at {_ago(looked)}" if looked > LOOKED else ""
        return [
            *self._process(),
            Part("database", bool(database), database or "ok"),
            Part("writer", bool(writer), writer or "ok"),
            _relay_part(heard, behind),
            Part("log", bool(behind), behind or "ok"),
        ]

    def _process(self) -> Sequence[Part]:
        return [STOPPING] if self._stopping else []

    async def _database(self) -> str:
        asking = self._asking
        if asking is None:
            if time.monotonic() - self._answered_at < FRESH:
                return self._answer
            asking = self._asking = asyncio.create_task(self._ask())
        # If the task were cancelled, a statement given up half-way could block its connection.
        await asyncio.wait([asking], timeout=PATIENCE)
        return self._answer if asking.done() else "does not answer"

    async def _ask(self) -> None:
        try:
            self._answer = "" if await self._is_migrated() else "not migrated: run `python -m webapp migrate`"
        except Exception as error:
            self._answer = f"cannot be reached: {type(error).__name__}"
        finally:
            self._answered_at = time.monotonic()
            self._asking = None


def _relay_part(heard: float, behind: str) -> Part:
    if heard <= HEARD:
        return Part("relay", False, "ok")
    # Without the relay, the poll finds every change half a second later, so pages fall behind only if both fail.
    carries = "and the poll does not carry either" if behind else "the poll carries"
    return Part("relay", bool(behind), f"last heard {_ago(heard)}, {carries}")


def _ago(seconds: float) -> str:
    return "never" if seconds == float("inf") else f"{seconds:.0f} seconds ago"
