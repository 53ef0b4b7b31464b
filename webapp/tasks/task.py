"""What a feature declares as its background work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from webapp.live.protocol import Engine

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Retention(NamedTuple):
    """Days that something is kept; 0: for ever.

    Attributes:
        rooms: A room that nobody visits and where nobody speaks.
        messages: A message.
    """

    rooms: int = 0
    messages: int = 0


FOR_EVER = Retention()
"""Nothing is deleted."""


class Postponed(Exception):
    """A run puts its work off: it is neither done nor failed, and due again later.

    Attributes:
        seconds: Until it is due.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What a run is given.

    Attributes:
        engine: Writes go through its writer, so that open pages follow them.
        retention: How long the deployment keeps things.
        key: What a deferred run is about, such as an id; empty for a periodic one.
    """

    engine: Engine
    retention: Retention
    key: str = ""


def _always(retention: Retention) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Task:
    """Background work, by name.

    A run may be cut off at any point, and is then done once more. So `run` does its work in small transactions, each of
    which leaves less to do.

    Attributes:
        name: In the table, in the log and in `python -m webapp tasks`; at most 64 characters.
        run: Does the work.
        every: Seconds from the end of a run to the next one. None: it runs when `TaskTable.defer` asks for it.
        retries: Runs that may follow one that failed, before it is given up: a periodic one until its next time.
        timeout: Seconds that a run may take; one that takes longer has failed.
        wanted: Whether this deployment wants it at all.
        asks_others: Whether it asks other sites for something. A deployment may forbid that; then what is due counts as
            done.
    """

    name: str
    run: Callable[[TaskContext], Awaitable[object]]
    every: float | None = None
    retries: int = 8
    timeout: float = HOUR
    wanted: Callable[[Retention], bool] = _always
    asks_others: bool = False
