"""Runs due tasks in this process, beside the others that do so."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from webapp.live.protocol import Engine
from webapp.tasks.table import Lease, TaskTable
from webapp.tasks.task import HOUR, Postponed, Retention, Task, TaskContext

logger = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two looks for due rows, at most."""

LEASE = 30.0
"""Seconds after which the task of a process that was killed is done once more."""

LEAVING = 1.0
"""Seconds that a stop may take to give a row back."""

SLOTS = 4
"""Tasks that one process runs at once."""

FIRST_RETRY = 5.0
LAST_RETRY = HOUR
"""Bounds of the seconds between a failure and the next attempt."""


class CutOffEachTime(Exception):
    """A task is given up without another try, because the process of each attempt died."""


class TaskRunner:
    """Takes due rows, one lease each, and runs what they name.

    Args:
        tasks: All that are declared; those that the deployment does not want are left out.
        retention: How long the deployment keeps things.
        asks_others: Whether tasks may ask other sites. If not, what such a task has due counts as done.
        look: Seconds between two looks, at most.
        lease: Seconds that a lease lasts; it is renewed three times in that while the task runs.
        first_retry: Seconds until the first retry, at most; each later one waits twice as long.
    """

    def __init__(
        self,
        tasks: Collection[Task],
        retention: Retention,
        *,
        asks_others: bool = True,
        look: float = LOOK,
        lease: float = LEASE,
        first_retry: float = FIRST_RETRY,
    ) -> None:
        self._tasks: Mapping[str, Task] = {task.name: task for task in tasks if task.wanted(retention)}
        self._retention = retention
        self._asks_others = asks_others
        self._look = look
        self._lease = lease
        self._first_retry = first_retry

    async def work(self, engine: Engine) -> None:
        """Run what is due, until cancelled; then the rows whose runs are cut off are given back."""
        if not self._tasks:
            return
        table = TaskTable(engine.writer)
        running: set[asyncio.Task[None]] = set()
        declared = failing = False
        try:
            while True:
                try:
                    if not declared:
                        await table.declare(self._tasks.values())
                        declared = True
                    pause = await self._start_due(table, engine, running)
                    failing = False
                except Exception as error:
                    if not failing:
                        logger.warning("background tasks wait for the database: %r", error)
                    failing, pause = True, self._look
                await self._pause(pause, running)
        finally:
            for run in running:
                run.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _start_due(self, table: TaskTable, engine: Engine, running: set[asyncio.Task[None]]) -> float:
        """Start what is due, as far as there are slots; the seconds until the next look."""
        while len(running) < SLOTS:
            seconds = await table.seconds_to_next(self._tasks)
            if seconds is None or seconds > 0:
                return self._look if seconds is None else min(seconds, self._look)
            lease = await table.take(self._tasks, self._lease)
            if lease is None:
                # Another process was quicker.
                return self._look
            run = asyncio.create_task(self._run(table, engine, lease))
            running.add(run)
            run.add_done_callback(running.discard)
        return self._look

    @staticmethod
    async def _pause(seconds: float, running: Collection[asyncio.Task[None]]) -> None:
        if len(running) < SLOTS:
            await asyncio.sleep(seconds)
        else:
            await asyncio.wait(list(running), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def _run(self, table: TaskTable, engine: Engine, lease: Lease) -> None:
        task = self._tasks[lease.name]
        began = time.monotonic()
        work = asyncio.create_task(self._do(task, lease, TaskContext(engine, self._retention, lease.key)))
        renewing = asyncio.create_task(self._renew(table, lease, work))
        try:
            await asyncio.wait([work])
            await self._note(table, task, lease, work, time.monotonic() - began)
        except asyncio.CancelledError:
            await _end(work)
            # The writer still works now. If it does not, the lease runs out by itself.
            with suppress(Exception):
                async with asyncio.timeout(LEAVING):
                    await table.leave(lease, time.monotonic() - began)
            logger.info("task %s cut off: the process is stopping", _title(lease))
        except Exception as error:
            # What was done is done, but nobody will know: the lease runs out, and the run is repeated.
            logger.warning("task %s: its end could not be noted: %r", _title(lease), error)
        finally:
            await _end(renewing)

    async def _do(self, task: Task, lease: Lease, context: TaskContext) -> object:
        # Nothing was noted of the attempts before, so their processes died. If it were tried for ever, and it were the
        # cause, for instance by all the memory that it takes, it would end one process after another.
        if lease.attempts > task.retries + 1:
            raise CutOffEachTime
        if task.asks_others and not self._asks_others:
            return "not wanted here"
        async with asyncio.timeout(task.timeout):
            return await task.run(context)

    async def _renew(self, table: TaskTable, lease: Lease, work: asyncio.Task[object]) -> None:
        """Keep the lease until cancelled. When it is lost, the run is cancelled: another process does the work."""
        held_until = time.monotonic() + self._lease
        while True:
            await asyncio.sleep(self._lease / 3)
            asked_at = time.monotonic()
            try:
                held = await table.renew(lease, self._lease)
            except Exception as error:
                logger.warning("task %s: its lease could not be renewed: %r", _title(lease), error)
                held = asked_at < held_until
            else:
                held_until = asked_at + self._lease
            if not held:
                work.cancel()
                return

    async def _note(
        self, table: TaskTable, task: Task, lease: Lease, work: asyncio.Task[object], seconds: float
    ) -> None:
        """Note in the row how `work` ended."""
        error = None if work.cancelled() else work.exception()
        if isinstance(error, Postponed):
            if await table.postponed(lease, error.seconds, seconds):
                logger.info("task %s put off %s", _title(lease), error)
            return
        if error is not None:
            await self._note_failure(table, task, lease, error, seconds)
            return
        if work.cancelled():
            await table.leave(lease, seconds)
        elif await table.done(lease, task.every, seconds):
            result = work.result()
            told = "" if result is None else f": {result}"
            logger.info("task %s done in %.2f s%s", _title(lease), seconds, told)
            return
        logger.warning("task %s lost its lease within %.2f s: another process does it", _title(lease), seconds)

    async def _note_failure(
        self, table: TaskTable, task: Task, lease: Lease, error: BaseException, seconds: float
    ) -> None:
        last = lease.attempts > task.retries
        delay = task.every if last else self._delay(lease.attempts)
        await table.failed(lease, repr(error), delay, last, seconds)
        if last:
            then = "given up" if delay is None else f"given up until its next time, in {delay:.0f} s"
        else:
            then = f"tried again in {delay:.0f} s"
        logger.warning(
            "task %s failed after %.2f s, attempt %s of %s, and is %s: %r",
            *(_title(lease), seconds, lease.attempts, task.retries + 1, then, error),
            exc_info=error if lease.attempts == 1 else None,
        )

    def _delay(self, attempts: int) -> float:
        """Seconds until the next attempt: doubled each time, bounded, and never the same for many rows at once."""
        longest: float = min(LAST_RETRY, self._first_retry * 2 ** min(attempts - 1, 30))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _title(lease: Lease) -> str:
    return f"{lease.name} {lease.key}" if lease.key else lease.name


async def _end(task: asyncio.Task[object] | asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
