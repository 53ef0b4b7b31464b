"""The table of background tasks: who may run what now, decided by single statements that work on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from webapp.live.writing import Writer
from webapp.tasks.sql import milliseconds, query
from webapp.tasks.task import Task
from webapp.tasks.totals import count

ERROR_LIMIT = 500
"""Characters of an error that are kept."""

_DECLARE = """
    INSERT INTO background_task (name, key, due_at)
    VALUES ($1, '', {now} + CAST($2 AS BIGINT))
    ON CONFLICT (name, key) DO UPDATE
    SET due_at = excluded.due_at
    WHERE background_task.due_at IS NULL OR background_task.due_at > excluded.due_at
"""
_DEFER = """
    INSERT INTO background_task (name, key, due_at)
    VALUES ($1, $2, {now} + CAST($3 AS BIGINT))
    ON CONFLICT (name, key) DO UPDATE
    SET asked = background_task.asked + 1,
        attempts = CASE WHEN background_task.due_at IS NULL THEN 0 ELSE background_task.attempts END,
        due_at = CASE
            WHEN background_task.due_at < excluded.due_at THEN background_task.due_at
            ELSE excluded.due_at
        END
"""
_WAITING = """
    SELECT min(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) - {now} AS milliseconds
    FROM background_task
    WHERE due_at IS NOT NULL AND name IN ({names})
"""
_TAKE = """
    UPDATE background_task
    SET lease = $1,
        lease_until = {now} + CAST($2 AS BIGINT),
        started_at = {now},
        attempts = attempts + 1
    WHERE id = (
        SELECT id
        FROM background_task
        WHERE due_at <= {now} AND (lease_until IS NULL OR lease_until <= {now}) AND name IN ({names})
        ORDER BY due_at, id
        LIMIT 1
        {lock}
    )
    RETURNING id, name, key, asked, attempts, lease
"""
_RENEW = """
    UPDATE background_task
    SET lease_until = {now} + CAST($3 AS BIGINT)
    WHERE id = $1 AND lease = $2
    RETURNING id
"""
# A deferred row that was asked for again while it ran stays, and is due.
_DONE_FOR_GOOD = "DELETE FROM background_task WHERE id = $1 AND lease = $2 AND asked = $3 RETURNING id"
_DONE = """
    UPDATE background_task
    SET lease = NULL,
        lease_until = NULL,
        attempts = 0,
        due_at = {now} + CAST($3 AS BIGINT),
        took = {now} - started_at,
        error = NULL
    WHERE id = $1 AND lease = $2
    RETURNING id
"""
_FAILED = """
    UPDATE background_task
    SET lease = NULL,
        lease_until = NULL,
        attempts = CASE WHEN CAST($3 AS INTEGER) = 1 THEN 0 ELSE attempts END,
        due_at = {now} + CAST($4 AS BIGINT),
        took = {now} - started_at,
        error = $5
    WHERE id = $1 AND lease = $2
    RETURNING id
"""
_POSTPONED = """
    UPDATE background_task
    SET lease = NULL,
        lease_until = NULL,
        attempts = attempts - 1,
        due_at = {now} + CAST($3 AS BIGINT),
        took = {now} - started_at,
        error = NULL
    WHERE id = $1 AND lease = $2
    RETURNING id
"""
_LEAVE = """
    UPDATE background_task
    SET lease = NULL, lease_until = NULL, attempts = attempts - 1
    WHERE id = $1 AND lease = $2
"""
_ALL = """
    SELECT name, key, due_at - {now} AS due, lease_until - {now} AS lease, {now} - started_at AS started, took,
        attempts, error
    FROM background_task
    ORDER BY name, key
"""
_WAITING_FOR = "SELECT count(*) AS waiting FROM background_task WHERE name = $1"
_HURRY = """
    UPDATE background_task
    SET due_at = {now}, attempts = 0
    WHERE name = $1 AND (CAST($2 AS INTEGER) = 1 OR key = $3)
    RETURNING id
"""
_FORGET = """
    DELETE FROM background_task
    WHERE id IN (
        SELECT id
        FROM background_task
        WHERE due_at IS NULL AND lease IS NULL AND started_at + COALESCE(took, 0) < {now} - CAST($1 AS BIGINT)
        ORDER BY id
        LIMIT 200
        {lock}
    )
    RETURNING id
"""


class Lease(NamedTuple):
    """A row that this process may work on until the lease runs out.

    Attributes:
        id: The row's.
        name: The task's.
        key: What the run is about.
        asked: How often the work had been asked for when the lease was taken.
        attempts: Runs that began since the last one that succeeded, this one included.
        lease: The name of this run, which no other has.
    """

    id: int
    name: str
    key: str
    asked: int
    attempts: int
    lease: str


class TaskTable:
    """Takes rows, and notes what became of them. Everything that writes goes through the writer.

    Raises, in all methods: what the database raises, and `WriterBusy`.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def declare(self, tasks: Collection[Task]) -> None:
        """Make the rows of periodic tasks; one that is due later than its interval says comes earlier."""
        for task in sorted(tasks, key=lambda each: each.name):
            if task.every is not None:
                await self._write(_DECLARE, [task.name, milliseconds(task.every)], order=("task", task.name))

    async def defer(self, name: str, key: str, delay: float = 0.0) -> None:
        """Have the deferred task `name` run for `key` in `delay` seconds; asked for twice before then, it runs once."""
        await self._write(_DEFER, [name, key, milliseconds(delay)], order=("task", name, key))

    async def seconds_to_next(self, names: Collection[str]) -> float | None:
        """Seconds until one of these tasks can be taken, negative if it could have been already; None: none waits."""
        rows = await query(_WAITING, [], names)
        milliseconds = rows[0]["milliseconds"]
        return None if milliseconds is None else milliseconds / 1000

    async def take(self, names: Collection[str], seconds: float) -> Lease | None:
        """A lease of the row of one of these tasks that has been due for longest; None: none is due and free."""
        values = [secrets.token_hex(8), milliseconds(seconds)]
        rows = await self._write(_TAKE, values, names, order=("task",))
        return Lease(**rows[0]) if rows else None

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Keep the row for that much longer; False: the lease had run out, and another process has the row."""
        return bool(await self._write(_RENEW, [lease.id, lease.lease, milliseconds(seconds)]))

    async def done(self, lease: Lease, every: float | None, seconds: float) -> bool:
        """Note a success that took `seconds`.

        A periodic row is due again in `every` seconds; a deferred one goes. False: as `renew`.
        """

        async def note() -> bool:
            if every is None and await query(_DONE_FOR_GOOD, [lease.id, lease.lease, lease.asked]):
                return True
            return bool(await query(_DONE, [lease.id, lease.lease, milliseconds(every or 0.0)]))

        return await self._end(lease, "done", seconds, note)

    async def failed(self, lease: Lease, error: str, delay: float | None, last: bool, seconds: float) -> bool:
        """Note a failure.

        Args:
            lease: The run that failed.
            error: Why.
            delay: Seconds until the row is due again; None: never.
            last: It is given up, and the next run is a first attempt.
            seconds: How long the run took.

        Returns:
            False: as `renew`.
        """
        due = None if delay is None else milliseconds(delay)
        values = [lease.id, lease.lease, int(last), due, error[:ERROR_LIMIT]]

        async def note() -> bool:
            return bool(await query(_FAILED, values))

        return await self._end(lease, "gave_up" if last else "failed", seconds, note)

    async def postponed(self, lease: Lease, delay: float, seconds: float) -> bool:
        """Note that a run of `seconds` has put its work off by `delay` seconds. False: as `renew`."""

        async def note() -> bool:
            return bool(await query(_POSTPONED, [lease.id, lease.lease, milliseconds(delay)]))

        return await self._end(lease, "postponed", seconds, note)

    async def leave(self, lease: Lease, seconds: float) -> None:
        """Give a row back whose run was cut off, so that another process takes it at once."""

        async def note() -> bool:
            await query(_LEAVE, [lease.id, lease.lease])
            return True

        await self._end(lease, "lost", seconds, note)

    async def forget_given_up(self, seconds: float) -> int:
        """Delete deferred rows that were given up that many seconds ago; how many, a bounded number at once."""
        return len(await self._write(_FORGET, [milliseconds(seconds)], order=("task",)))

    async def _end(self, lease: Lease, outcome: str, seconds: float, note: Callable[[], Awaitable[bool]]) -> bool:
        """Note the end of a run, and count it as `outcome`, or as `lost` if another process has the row."""

        async def end() -> bool:
            held = await note()
            await count(lease.name, outcome if held else "lost", seconds)
            return held

        # Other processes write the same total. If rows of tasks were locked after it, two could wait for each other.
        held: bool = await self._writer.run(end, order=("task-total", lease.name))
        return held

    async def _write(
        self, sql: str, values: Sequence[Any], names: Collection[str] = (), order: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._writer.run(partial(query, sql, values, names), order=order)
        return rows


async def rows() -> list[dict[str, Any]]:
    """All rows, their times as milliseconds from now (`due`, `lease`) or until now (`started`)."""
    return await query(_ALL)


async def waiting(name: str) -> int:
    """How many rows a task has."""
    found = await query(_WAITING_FOR, [name])
    return int(found[0]["waiting"])


async def hurry(name: str, key: str | None = None) -> bool:
    """Make rows of a task due now, those that were given up too; False: there are none.

    Args:
        name: The task's.
        key: What the only row is about; None: all rows of the task.
    """
    return bool(await query(_HURRY, [name, int(key is None), key or ""]))
