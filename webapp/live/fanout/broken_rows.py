"""Tells a row that cannot be shown from a template that is broken: pages leave out the row, and retry the template.

A row may be readable and still fail when it is rendered or serialized, for example in a property of its model. If
rendering fails for one row but not for others, the row is at fault. If it fails for every row, the template is at
fault, and the error is raised.
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
"""Other rows that are tried, at most, before the template is taken to be at fault."""

Failures = Mapping[str, tuple[Model, Exception]]
"""Primary key as text → a row that could not be shown, and the error."""


def tried(show: Callable[[Any], Shown], rows: Iterable[Any]) -> tuple[dict[str, Shown], Failures]:
    """Call `show` for each row.

    Returns:
        The results by primary key, and the rows for which `show` failed.
    """
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
    """Note in the database the rows that failed, so that pages are shown without them.

    Args:
        binding: The binding of the rows.
        group: The group whose rows are tried.
        show: Renders or serializes a row.
        failures: The rows for which `show` failed.
        is_others: `show` has just succeeded for other rows.

    Returns:
        Whether one of the rows had not been noted yet; another process may have repaired it by now.

    Raises:
        Exception: The first failure, if `show` succeeds for no row.
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
    """Log which rows pages leave out, and why."""
    for row, error in failures.values():
        report(binding.model._meta.db_table, row.pk, "unknown", f"{type(error).__name__}: {error}")


async def without_broken(
    binding: Binding[Any], group: str, rows: Sequence[Any], render: Render, use: Callable[[Sequence[Any]], T]
) -> T:
    """Return `use(rows)`; if `use` fails because of some rows, return `use` of the others.

    Args:
        binding: The binding of the rows.
        group: The group that the rows are shown in.
        rows: The rows to show.
        render: Renders a template with a context.
        use: Renders the rows, for example as a page.

    Raises:
        Exception: The error of `use`, if no row is at fault.
    """
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
