"""Tells a row that cannot be shown from a template that is broken: the first is left out, the second tried again.

A row may be readable and still fail when it is rendered or given as data, by a property of its model for instance.
What fails for one row and not for others is the row's own; what fails for every row is nobody's, and is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tortoise.models import Model

from webapp.live.binding import Binding, Render
from webapp.live.database import report, unreadable_rows

T = TypeVar("T")
Shown = TypeVar("Shown")

SAMPLE = 10
"""Other rows that are tried, at most, before it is the template's fault that one fails."""

Failures = Mapping[str, tuple[Model, Exception]]
"""By primary key as text: the rows that could not be shown, and why."""


def tried(show: Callable[[Any], Shown], rows: Iterable[Any]) -> tuple[dict[str, Shown], Failures]:
    """What `show` makes of each row, by primary key, and the rows for which it fails."""
    shown: dict[str, Shown] = {}
    failures: dict[str, tuple[Model, Exception]] = {}
    for row in rows:
        try:
            shown[str(row.pk)] = show(row)
        except Exception as error:
            failures[str(row.pk)] = (row, error)
    return shown, failures


async def leave_out(
    binding: Binding[Any], group: str, show: Callable[[Any], Any], failures: Failures, is_others: bool
) -> bool:
    """Note the rows that failed; whether one had not been noted yet, so that it may be repaired by now.

    is_others: `show` succeeded for other rows just now. Raises the first failure when it succeeds for no row.
    """
    if not is_others:
        sample = [
            row for row in await binding.rows.newest(group, SAMPLE + len(failures)) if str(row.pk) not in failures
        ]
        if not tried(show, sample)[0]:
            raise next(iter(failures.values()))[1]
    meta = binding.model._meta
    return await unreadable_rows.note(meta.db, meta.db_table, [row.pk for row, _ in failures.values()])


def say_why(binding: Binding[Any], failures: Failures) -> None:
    """Say in the log which rows are left out."""
    for row, error in failures.values():
        report(binding.model._meta.db_table, row.pk, "unknown", f"{type(error).__name__}: {error}")


async def without_broken(
    binding: Binding[Any], group: str, rows: Sequence[Any], render: Render, use: Callable[[Sequence[Any]], T]
) -> T:
    """`use(rows)`, which renders them; if that fails for some rows' sake, without those. Raises what else fails."""
    try:
        return use(rows)
    except Exception:

        def show(row: Any) -> str:
            return binding.fragments.element(row, render)

        shown, failures = tried(show, rows)
        if not failures:
            raise
        if await leave_out(binding, group, show, failures, bool(shown)):
            again = await binding.rows.read(failures)
            rows = [again.get(str(row.pk), row) for row in rows]
            shown, failures = tried(show, rows)
        say_why(binding, failures)
        return use([row for row in rows if str(row.pk) in shown])
