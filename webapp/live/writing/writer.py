"""One task per process does all writing: what is pending is committed together, then answered, then rung."""

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

logger = logging.getLogger(__name__)

PENDING = 10_000
"""Writes that may wait; one more is refused."""

BATCH = 500
"""Writes in one transaction, at most."""

SINGLE_WRITES = 2.0
"""Seconds that a failed batch may take to be tried write by write; what is left then fails too."""


class WriterBusy(Exception):
    """More is waiting to be written than the process takes, or it is stopping; try again later."""


BUSY: tuple[type[Exception], ...] = (WriterBusy, *DATABASE_AWAY)
"""Errors of a write that may succeed when the sender tries again."""


@dataclass(eq=False, slots=True)
class _Write:
    groups: Collection[str]
    order: tuple[str, ...] = ()
    row: Model | None = None
    ignore_conflicts: bool = False
    apply: Callable[[], Awaitable[Any]] | None = None
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def kind(self) -> object:
        """Neighbours of one kind are inserted by one statement."""
        return self if self.row is None else (type(self.row), self.ignore_conflicts)


class Writer:
    """Group commit. `ring` is called with the groups that a commit touched, after it."""

    def __init__(self, ring: Callable[[Iterable[str]], None]) -> None:
        self._ring = ring
        self._pending: list[_Write] = []
        self._wanted = asyncio.Event()
        self._closing = False
        self.committed_at = float("-inf")
        """When the last transaction was committed, by time.monotonic."""

    async def create(self, row: Model, group: str, ignore_conflicts: bool = False) -> None:
        """Insert `row`; on return it is committed. The instance does not learn its primary key.

        With `ignore_conflicts` a row that breaks a unique constraint is left out, silently. Raises WriterBusy, and
        what the database raises.
        """
        await self._submit(_Write([group], row=row, ignore_conflicts=ignore_conflicts))

    async def run(
        self, apply: Callable[[], Awaitable[Any]], groups: Collection[str] = (), order: tuple[str, ...] = ()
    ) -> Any:
        """Await `apply()` inside a transaction, which others share, and return its result once it is committed.

        It may be called again when another's write fails; what it adds to `groups` is rung too. `order`: names the
        row that it locks. Raises WriterBusy, and what `apply` raises.
        """
        return await self._submit(_Write(groups, order, apply=apply))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Write while the block runs; at its end, whatever was accepted is still written."""
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
                await self._commit(batch)
            elif not self._closing:
                self._wanted.clear()

    async def _commit(self, batch: Sequence[_Write]) -> None:
        try:
            await self._transact(batch)
        except CONNECTION_LOST as error:
            # Nobody knows whether it was committed, so it is not tried again here: the nonce makes that the sender's.
            for write in batch:
                _fail(write, error)
        except Exception as error:
            if len(batch) > 1:
                await self._commit_alone(batch)
            else:
                _fail(batch[0], error)

    async def _commit_alone(self, batch: Sequence[_Write]) -> None:
        deadline = time.monotonic() + SINGLE_WRITES
        for index, write in enumerate(batch):
            try:
                await self._transact([write])
            except Exception as error:
                _fail(write, error)
                if time.monotonic() > deadline:
                    for other in batch[index + 1 :]:
                        # What was wrong with one write is no answer to another.
                        _fail(other, error if is_away(error) else WriterBusy())
                    return

    async def _transact(self, writes: Sequence[_Write]) -> None:
        # In a task of its own: when the connection is lost, Tortoise can leave the dead transaction in the task's
        # context, and whatever the task begins later would be a part of it, and fail.
        task = asyncio.create_task(_committed(writes))
        await asyncio.wait([task])
        if task.cancelled():
            # A driver can give up by a cancellation; taken for its own, it would end the writer.
            raise ConnectionAbortedError("the transaction was given up")
        for write, result in task.result():
            if not write.done.done():
                write.done.set_result(result)
        self.committed_at = time.monotonic()
        self._ring({group for write in writes for group in write.groups})


async def _committed(writes: Sequence[_Write]) -> list[tuple[_Write, Any]]:
    results: list[tuple[_Write, Any]] = []
    async with in_transaction():
        # Two processes that lock the same rows do so in one order, and never wait for each other crosswise.
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


def _fail(write: _Write, error: Exception) -> None:
    if not write.done.done():
        write.done.set_exception(error)
