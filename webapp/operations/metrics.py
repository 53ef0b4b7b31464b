"""Counts the events of the engine for Prometheus. docs/operations.md explains each number."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from webapp.live.observing import Observer
from webapp.live.protocol import Engine
from webapp.operations.metrics_folder import FOLDER, forget_the_dead
from webapp.operations.tally import CounterTally, HistogramTally
from webapp.operations.task_metrics import TaskMetrics

# If times of creation were reported, the sum of two processes' times would be a date in the next century.
disable_created_metrics()  # type: ignore[no-untyped-call]

PREFIX = "webapp_"
"""The beginning of the name of each metric."""

INTERVAL = 1.0
"""Seconds between two times that a process makes its numbers visible to all."""

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Upper bounds of the buckets for durations."""

BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Upper bounds of the buckets for writes in one transaction; webapp.live.writing commits 500 at most."""

CLOSE_CODES = frozenset([1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4403])
"""Close codes with a series of their own. Clients choose codes freely, so any other code counts as `other`."""


class Metrics(Observer):
    """Counts the events of this process, and reports the numbers of all processes of this machine.

    Args:
        tasks: The names of the background tasks that this deployment wants.

    Attributes:
        registry: Has the numbers of this process.
        tasks: Has those of the background tasks of all processes.
    """

    def __init__(self, tasks: Collection[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self.tasks = TaskMetrics(tasks)
        self._open = 0
        self._sockets = self._gauge("sockets", "Open sockets")
        self._groups = self._gauge("groups", "Groups with an open page; one counts once in each process")
        self._feeds = self._gauge("feeds", "Feeds in memory, those that only finish their work included")
        self._backlog = self._gauge("writer_backlog", "Writes that wait for their commit")
        self._batch_under_way = self._gauge(
            "writer_batch_seconds", "What the batch of writes under way has taken so far, in the slowest process", "max"
        )
        self._processes = self._gauge("processes", "Processes that serve")
        self._writes = self._counter("writes", "Committed writes, by the table that a row was inserted into", "table")
        self._failed = self._counter("writes_failed", "Writes that their senders were told of as failed")
        self._deliveries = self._counter("deliveries", "Frames given to sockets, one for each socket")
        self._closes = self._counter("sockets_closed", "Closed sockets, by close code", "code")
        self._refusals = self._counter("refusals", "Refused actions, requests and connections, by reason", "reason")
        self._batch = self._histogram("commit_writes", "Writes in one transaction", BATCHES)
        self._commit = self._histogram("commit_seconds", "From a transaction's beginning to its commit", SECONDS)
        self._ring = self._histogram(
            "ring_to_send_seconds", "From a ring until the frame is given to the group's last socket", SECONDS
        )
        self._tallies = (
            *(self._writes, self._failed, self._deliveries, self._closes, self._refusals),
            *(self._batch, self._commit, self._ring),
        )

    def committed(self, tables: Iterable[str], seconds: float) -> None:
        """Count a transaction."""
        count = 0
        for table in tables:
            self._writes.add(1, table or "other")
            count += 1
        self._batch.observe(count)
        self._commit.observe(seconds)

    def write_failed(self) -> None:
        """Count a failed write."""
        self._failed.add()

    def sent(self, clients: int, seconds: float) -> None:
        """Count a frame."""
        self._deliveries.add(clients)
        self._ring.observe(seconds)

    def socket_opened(self) -> None:
        """Count a socket in."""
        self._open += 1

    def socket_closed(self, code: int) -> None:
        """Count a socket out."""
        self._open -= 1
        self._closes.add(1, str(code) if code in CLOSE_CODES else "other")

    def refused(self, reason: str) -> None:
        """Count a refusal."""
        self._refusals.add(1, reason)

    async def work(self, engine: Engine) -> None:
        """Make the numbers visible to all processes until cancelled."""
        self._processes.set(1)
        try:
            while True:
                self.flush(engine)
                await asyncio.sleep(INTERVAL)
        finally:
            self.flush(engine)

    def flush(self, engine: Engine) -> None:
        """Make the numbers of this process visible to all."""
        self._sockets.set(self._open)
        self._groups.set(engine.hub.audiences)
        self._feeds.set(len(engine.hub.groups))
        self._backlog.set(engine.writer.backlog)
        self._batch_under_way.set(engine.writer.batch_seconds)
        for tally in self._tallies:
            tally.flush()

    def text(self) -> bytes:
        """Return the numbers of all processes of this machine, in Prometheus's text format."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return generate_latest(self.registry)
        forget_the_dead(folder)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _gauge(self, name: str, text: str, of_processes: Literal["sum", "max"] = "sum") -> Gauge:
        mode: Literal["livesum", "livemax"] = "livesum" if of_processes == "sum" else "livemax"
        return Gauge(PREFIX + name, text, registry=self.registry, multiprocess_mode=mode)

    def _counter(self, name: str, text: str, *labels: str) -> CounterTally:
        return CounterTally(Counter(PREFIX + name, text, labels, registry=self.registry))

    def _histogram(self, name: str, text: str, bounds: tuple[float, ...]) -> HistogramTally:
        return HistogramTally(Histogram(PREFIX + name, text, registry=self.registry, buckets=bounds), bounds)
