"""Numbers of the background tasks of all processes, for Prometheus.

They come from the rows of the database when Prometheus asks. So the numbers of a worker, which has no port to be asked
at, are there too, and those of processes that have ended stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from webapp.tasks import Totals, totals

PATIENCE = 2.0
"""Seconds that the database may take to answer."""

PREFIX = "webapp_task_"
"""The beginning of the name of each metric of tasks."""


class TaskMetrics:
    """Reads the rows, and renders what they say.

    Args:
        tasks: The names of the tasks that this deployment wants. No process takes rows of others, which former
            releases or settings left, so they are not late.
        read: Reads the totals. Raises if the database cannot be reached.
    """

    def __init__(self, tasks: Collection[str] = (), read: Callable[[], Awaitable[Totals]] = totals) -> None:
        self._tasks = tasks
        self._read = read
        self._asking: asyncio.Task[Totals | None] | None = None

    async def text(self) -> bytes:
        """Return the numbers in Prometheus's text format; nothing if the database does not answer within PATIENCE."""
        asking = self._asking
        if asking is None:
            asking = self._asking = asyncio.create_task(self._ask())
        # If the task were cancelled, a statement given up half-way could block its connection.
        await asyncio.wait([asking], timeout=PATIENCE)
        found = asking.result() if asking.done() else None
        return b"" if found is None else _text(found)

    async def _ask(self) -> Totals | None:
        try:
            with suppress(Exception):
                found = await self._read()
                return found._replace(states=tuple(one for one in found.states if one.name in self._tasks))
            return None
        finally:
            self._asking = None


class _Collector:
    def __init__(self, found: Totals) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield from families(self._found)


def families(found: Totals) -> Iterator[Metric]:
    """Yield the metrics of tasks."""
    runs = CounterMetricFamily(f"{PREFIX}runs", "Runs of background tasks, by outcome", labels=["task", "outcome"])
    seconds = CounterMetricFamily(f"{PREFIX}seconds", "Time that these runs took", labels=["task", "outcome"])
    for name, outcome, count, milliseconds in found.ended:
        runs.add_metric([name, outcome], count)
        seconds.add_metric([name, outcome], milliseconds / 1000)
    yield runs
    yield seconds
    waiting = GaugeMetricFamily(f"{PREFIX}waiting", "Rows that are due, and that no process has taken", labels=["task"])
    running = GaugeMetricFamily(f"{PREFIX}running", "Rows that a process works on", labels=["task"])
    given_up = GaugeMetricFamily(f"{PREFIX}given_up", "Rows that were given up", labels=["task"])
    late = GaugeMetricFamily(f"{PREFIX}late_seconds", "How long the longest of the waiting rows waits", labels=["task"])
    for state in found.states:
        waiting.add_metric([state.name], state.waiting)
        running.add_metric([state.name], state.running)
        given_up.add_metric([state.name], state.given_up)
        late.add_metric([state.name], state.late / 1000)
    yield from (waiting, running, given_up, late)


def _text(found: Totals) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Collector(found))
    return generate_latest(registry)
