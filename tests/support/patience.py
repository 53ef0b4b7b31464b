"""How long the tests wait: the one place for bounds, and the one way to wait for what must happen.

A wait ends with the event that it waits for, so a generous bound costs a passing test nothing. A bound that is itself
what is promised ("within two seconds") is written `within(2)`: it is as strict as the promise on a machine that is not
busy, and grows with the number of processes that want to run at once on one that is.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = float(os.environ.get("TEST_PATIENCE", "60"))
"""Seconds until a wait for what must happen gives up."""

POLL = 0.02
"""Seconds between two looks at something that tells of its changes by no event."""


async def until(
    true: Callable[[], object],
    changed: asyncio.Event,
    state: Callable[[], object] = lambda: "no more is known",
    timeout: float | None = None,
) -> None:
    """Wait until `true()`, which is asked again each time `changed` is set.

    Args:
        true: what has to become true; an exception of its own ends the wait.
        changed: set by whatever may have made it true.
        state: what the failure tells of how it stands instead.
        timeout: seconds, where PATIENCE is not meant.

    Raises:
        AssertionError: it did not become true in time.
    """
    patience = PATIENCE if timeout is None else timeout
    try:
        async with asyncio.timeout(patience):
            while not true():
                changed.clear()
                await changed.wait()
    except TimeoutError:
        raise AssertionError(f"not so within {patience} s; {state()}") from None


async def eventually(
    true: Callable[[], object], state: Callable[[], object] = lambda: "no more is known", pause: float = POLL
) -> None:
    """Wait until `true()` where nothing tells of the change, as with a log or another process.

    Args:
        true: what has to become true; an exception of its own ends the wait.
        state: what the failure tells of how it stands instead.
        pause: seconds between two looks; more where a look is costly.

    Raises:
        AssertionError: it did not become true within PATIENCE.
    """
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not so within {PATIENCE} s; {state()}"
        await asyncio.sleep(pause)


def eventually_blocking(true: Callable[[], object], state: Callable[[], object] = lambda: "no more is known") -> None:
    """`eventually`, for what runs outside an event loop."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not so within {PATIENCE} s; {state()}"
        time.sleep(POLL)


def strain() -> float:
    """How many processes want to run for each core of this machine, and at least 1."""
    load = max(os.getloadavg()[0], _running())
    return max(1.0, load / len(os.sched_getaffinity(0)))


def within(seconds: float) -> float:
    """The seconds that something promised within `seconds` may take on this machine, as busy as it is now."""
    return seconds * strain()


def _running() -> float:
    """How many processes run or want to run at this moment: the average of the last minute lags behind."""
    try:
        return float(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])
    except OSError:
        return 0.0
