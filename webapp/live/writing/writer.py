"""One task per process does all writing: it commits the pending writes together, answers the senders, and rings."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tortoise.models import Model
from tortoise.transactions import in_transaction

from webapp.live.database import CONNECTION_LOST, DATABASE_AWAY, insert, is_away
from webapp.live.observing import NO_OBSERVER, Observer

logger = logging.getLogger(__name__)

PENDING = 10_000
"""Writes that may wait, at most. The writer refuses one more."""

BATCH = 500
"""Writes in one transaction, at most."""

SINGLE_WRITES = 2.0
"""Seconds for which the writer tries the writes of a failed batch one by one. After that, the rest fails too."""


class WriterBusy(Exception):
    """Too many writes are waiting, or the process is stopping. The sender may try again later."""


BUSY: tuple[type[Exception], ...] = (WriterBusy, *DATABASE_AWAY)
"""Errors of a write that may succeed when the sender tries again."""


@dataclass(eq=False, slots=True)
class _Write:
    groups: Collection[str]
    order: tuple[str, ...] = ()
    row: Model | None = None
    ignore_conflicts: bool = False
    apply: Callable[[], Awaitable[Any]] | None = None
    inserts: str = ""
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def kind(self) -> object:
        """Writes of equal kind that stand side by side are inserted by one statement."""
        return self if self.row is None else (type(self.row), self.ignore_conflicts)

    @property
    def table(self) -> str:
        """The table that a row is inserted into; empty for a write that says nothing of it."""
        return self.inserts if self.row is None else self.row._meta.db_table


class Writer:
    """Commits the pending writes of all tasks in one transaction (group commit).

    Args:
        ring: Called after each commit, with the groups that the commit changed.
        observer: The writer tells it of each commit, and of each write that failed.
    """

    def __init__(self, ring: Callable[[Iterable[str]], None], observer: Observer = NO_OBSERVER) -> None:
        self._ring = ring
        self._observer = observer
        self._committing = 0
        self._committing_since = 0.0
        self._pending: list[_Write] = []
        self._wanted = asyncio.Event()
        self._closing = False
        self.committed_at = float("-inf")
        """The time of the last commit, by time.monotonic; minus infinity before the first."""

    @property
    def backlog(self) -> int:
        """Writes that wait for their commit, those of the transaction under way included."""
        return len(self._pending) + self._committing

    @property
    def batch_seconds(self) -> float:
        """Seconds that the batch under way has taken so far; 0 when there is none."""
        return time.monotonic() - self._committing_since if self._committing else 0.0

    async def create(self, row: Model, group: str, ignore_conflicts: bool = False) -> None:
        """Insert `row`, and return when it is committed. The instance does not get its primary key.

        Args:
            row: The row.
            group: The group to ring for.
            ignore_conflicts: Whether to leave the row out silently if it breaks a unique constraint.

        Raises:
            WriterBusy: Too many writes are waiting, or the process is stopping.
            Exception: The error of the database.
        """
        await self._submit(_Write([group], row=row, ignore_conflicts=ignore_conflicts))

    async def run(
        self,
        apply: Callable[[], Awaitable[Any]],
        groups: Collection[str] = (),
        order: tuple[str, ...] = (),
        inserts: str = "",
    ) -> Any:
        """Await `apply()` inside a transaction, which other writes share, and return its result once it is committed.

        Args:
            apply: The write. The writer calls it again if another write of the same transaction fails.
            groups: The groups to ring for. The writer reads them after the commit, so `apply` may add some.
            order: Names the row that `apply` locks. Writes of one transaction run in this order.
            inserts: The table that `apply` inserts a row into, for the observer, which counts them.

        Raises:
            WriterBusy: Too many writes are waiting, or the process is stopping.
            Exception: The error that `apply` or the database raises.
        """
        return await self._submit(_Write(groups, order, apply=apply, inserts=inserts))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Write while the block runs. At its end the writer still commits all writes that it accepted."""
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            self._closing = True
            self._wanted.set()
            await task

    async def _submit(self, write: _Write) -> Any:
        if len(self._pending) >= PENDING or self._closing:
            raise WriterBusy
        self._pending.append(write)
        self._wanted.set()
        return await write.done

    async def _work(self) -> None:
        while self._pending or not self._closing:
            await self._wanted.wait()
            batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
            if batch:
                self._committing, self._committing_since = len(batch), time.monotonic()
                await self._commit(batch)
                self._committing = 0
            elif not self._closing:
                self._wanted.clear()

    async def _commit(self, batch: Sequence[_Write]) -> None:
        try:
            await self._transact(batch)
        except CONNECTION_LOST as error:
            # The outcome of the commit is unknown. If the writer tried again, a row could be written twice. The sender
            # can try again safely, because its idempotency key keeps out a second row.
            for write in batch:
                self._fail(write, error)
        except Exception as error:
            if len(batch) > 1:
                await self._commit_alone(batch)
            else:
                self._fail(batch[0], error)

    async def _commit_alone(self, batch: Sequence[_Write]) -> None:
        deadline = time.monotonic() + SINGLE_WRITES
        for index, write in enumerate(batch):
            try:
                await self._transact([write])
            except Exception as error:
                self._fail(write, error)
                if time.monotonic() > deadline:
                    for other in batch[index + 1 :]:
                        # If the others got this error, their senders would be told the fault of another's write.
                        self._fail(other, error if is_away(error) else WriterBusy())
                    return

    async def _transact(self, writes: Sequence[_Write]) -> None:
        # When the connection is lost, Tortoise can leave the dead transaction in the task's context. If the writer's
        # own task ran it, all its later transactions would be part of the dead one, and fail. So each has a task of its
        # own.
        started = time.monotonic()
        task = asyncio.create_task(_committed(writes))
        await asyncio.wait([task])
        if task.cancelled():
            # A driver can cancel the task when it gives up. If the writer passed that on, the writer would end.
            raise ConnectionAbortedError("the transaction was given up")
        for write, result in task.result():
            if not write.done.done():
                write.done.set_result(result)
        self.committed_at = time.monotonic()
        self._ring({group for write in writes for group in write.groups})
        self._observer.committed([write.table for write in writes], self.committed_at - started)

    def _fail(self, write: _Write, error: Exception) -> None:
        self._observer.write_failed()
        if not write.done.done():
            write.done.set_exception(error)


async def _committed(writes: Sequence[_Write]) -> list[tuple[_Write, Any]]:
    results: list[tuple[_Write, Any]] = []
    async with in_transaction():
        # If two processes locked the same rows in different orders, each could wait for the other for ever.
        ordered = sorted(writes, key=lambda write: write.order)
        for _, neighbours in groupby(ordered, key=lambda write: write.kind):
            results += await _apply(list(neighbours))
    return results


async def _apply(neighbours: list[_Write]) -> list[tuple[_Write, Any]]:
    first = neighbours[0]
    if first.apply is not None:
        return [(first, await first.apply())]
    rows = [write.row for write in neighbours if write.row is not None]
    await insert(rows, first.ignore_conflicts)
    return [(write, None) for write in neighbours]
