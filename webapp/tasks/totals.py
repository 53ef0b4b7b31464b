"""Sums up the rows about all processes' background work: how it ended so far, and how much of it waits."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.tasks.sql import milliseconds, query

_COUNT = """
    INSERT INTO background_task_total (name, outcome, runs, milliseconds)
    VALUES ($1, $2, 1, CAST($3 AS BIGINT))
    ON CONFLICT (name, outcome) DO UPDATE
    SET runs = background_task_total.runs + 1,
        milliseconds = background_task_total.milliseconds + excluded.milliseconds
"""
_ENDED = "SELECT name, outcome, runs, milliseconds FROM background_task_total ORDER BY name, outcome"
_STATE = """
    SELECT name,
        CAST(sum(CASE WHEN free_at <= {now} THEN 1 ELSE 0 END) AS BIGINT) AS waiting,
        CAST(sum(CASE WHEN lease_until > {now} THEN 1 ELSE 0 END) AS BIGINT) AS running,
        CAST(sum(CASE WHEN due_at IS NULL AND lease IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS given_up,
        CAST(max(CASE WHEN free_at <= {now} THEN {now} - free_at ELSE 0 END) AS BIGINT) AS late
    FROM (
        SELECT name, due_at, lease, lease_until,
            CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END AS free_at
        FROM background_task
    ) AS task
    GROUP BY name
    ORDER BY name
"""


class Ended(NamedTuple):
    """Runs that ended in one way, in all processes since the database was made.

    Attributes:
        name: The task's.
        outcome: `done`; `postponed`: it is due again later; `failed`: it is tried again; `gave_up`; `lost`: another
            process had taken the row meanwhile, or the process stopped.
        runs: How many.
        milliseconds: How long they took together.
    """

    name: str
    outcome: str
    runs: int
    milliseconds: int


class State(NamedTuple):
    """The rows of one task.

    Attributes:
        name: The task's.
        waiting: Rows that are due, and that no process has taken.
        running: Rows that a process works on.
        given_up: Rows that wait until somebody asks for them again.
        late: Milliseconds since the row that waits for longest could have been taken.
    """

    name: str
    waiting: int
    running: int
    given_up: int
    late: int


class Totals(NamedTuple):
    """The background work of all processes."""

    ended: tuple[Ended, ...]
    states: tuple[State, ...]


async def count(name: str, outcome: str, seconds: float) -> None:
    """Count the end of a run, within the transaction that notes it."""
    await query(_COUNT, [name, outcome, milliseconds(seconds)])


async def totals() -> Totals:
    """Read the totals. Raises what the database raises."""
    ended, states = [await query(sql) for sql in (_ENDED, _STATE)]
    return Totals(_all(Ended, ended), _all(State, states))


def _all(kind: Any, rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**row) for row in rows)
