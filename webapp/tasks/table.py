"""The table of background tasks: who may run what now, decided by single statements that work on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from webapp.live.database import fill
from webapp.live.writing import Writer
from webapp.tasks.models import BackgroundTask
from webapp.tasks.task import Task

ERROR_LIMIT = 500
"""Characters of an error that are kept."""

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    # Not now(): the writer's transaction may have begun before this statement.
    "postgres": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
_LOCK = {"sqlite": "", "postgres": "FOR UPDATE SKIP LOCKED"}

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
_COUNT = "SELECT count(*) AS waiting FROM background_task WHERE name = $1"
_HURRY = "UPDATE background_task SET due_at = {now}, attempts = 0 WHERE name = $1 RETURNING id"


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
                await self._write(_DECLARE, [task.name, _milliseconds(task.every)], order=("task", task.name))

    async def defer(self, name: str, key: str, delay: float = 0.0) -> None:
        """Have the deferred task `name` run for `key` in `delay` seconds; asked for twice before then, it runs once."""
        await self._write(_DEFER, [name, key, _milliseconds(delay)], order=("task", name, key))

    async def seconds_to_next(self, names: Collection[str]) -> float | None:
        """Seconds until one of these tasks can be taken, negative if it could have been already; None: none waits."""
        rows = await _query(_WAITING, [], names)
        milliseconds = rows[0]["milliseconds"]
        return None if milliseconds is None else milliseconds / 1000

    async def take(self, names: Collection[str], seconds: float) -> Lease | None:
        """A lease of the row of one of these tasks that has been due for longest; None: none is due and free."""
        values = [secrets.token_hex(8), _milliseconds(seconds)]
        rows = await self._write(_TAKE, values, names, order=("task",))
        return Lease(**rows[0]) if rows else None

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Keep the row for that much longer; False: the lease had run out, and another process has the row."""
        return bool(await self._write(_RENEW, [lease.id, lease.lease, _milliseconds(seconds)]))

    async def done(self, lease: Lease, every: float | None) -> bool:
        """Note a success. A periodic row is due again in `every` seconds; a deferred one goes. False: as `renew`."""
        if every is None and await self._write(_DONE_FOR_GOOD, [lease.id, lease.lease, lease.asked]):
            return True
        return bool(await self._write(_DONE, [lease.id, lease.lease, _milliseconds(every or 0.0)]))

    async def failed(self, lease: Lease, error: str, delay: float | None, afresh: bool) -> bool:
        """Note a failure.

        Args:
            lease: The run that failed.
            error: Why.
            delay: Seconds until the row is due again; None: never.
            afresh: The next run is a first attempt.

        Returns:
            False: as `renew`.
        """
        due = None if delay is None else _milliseconds(delay)
        return bool(await self._write(_FAILED, [lease.id, lease.lease, int(afresh), due, error[:ERROR_LIMIT]]))

    async def postponed(self, lease: Lease, delay: float) -> bool:
        """Note that the work is put off by `delay` seconds. False: as `renew`."""
        return bool(await self._write(_POSTPONED, [lease.id, lease.lease, _milliseconds(delay)]))

    async def leave(self, lease: Lease) -> None:
        """Give a row back whose run was cut off, so that another process takes it at once."""
        await self._write(_LEAVE, [lease.id, lease.lease])

    async def _write(
        self, sql: str, values: Sequence[Any], names: Collection[str] = (), order: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._writer.run(partial(_query, sql, values, names), order=order)
        return rows


async def rows() -> list[dict[str, Any]]:
    """All rows, their times as milliseconds from now (`due`, `lease`) or until now (`started`)."""
    return await _query(_ALL, [])


async def count(name: str) -> int:
    """How many rows a task has."""
    found = await _query(_COUNT, [name])
    return int(found[0]["waiting"])


async def hurry(name: str) -> bool:
    """Make the rows of a task due now; False: there are none."""
    return bool(await _query(_HURRY, [name]))


async def _query(sql: str, values: Sequence[Any], names: Collection[str] = ()) -> list[dict[str, Any]]:
    db = BackgroundTask._meta.db
    dialect = db.capabilities.dialect
    marks = ", ".join(f"${number}" for number in range(len(values) + 1, len(values) + len(names) + 1))
    text = fill(sql, {"now": _NOW[dialect], "lock": _LOCK[dialect], "names": marks})
    mark = "?" if dialect == "sqlite" else "$"
    return await db.execute_query_dict(text.replace("$", mark), [*values, *names])


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
