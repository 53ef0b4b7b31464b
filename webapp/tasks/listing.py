"""The rows of the background tasks as a table of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.tasks.task import DAY, HOUR, MINUTE

_HEAD = ("task", "due", "last run", "took", "attempts", "error")


def listing(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line for each row, under a head.

    Args:
        rows: As `webapp.tasks.table.rows` gives them.
    """
    lines = [_HEAD, *(_line(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{row['name']} {row['key']}".rstrip(),
        _due(row),
        "never" if row["started"] is None else f"{_duration(row['started'])} ago",
        "-" if row["took"] is None else _duration(row["took"]),
        str(row["attempts"]),
        "-" if row["error"] is None else " ".join(row["error"].split()),
    )


def _due(row: Mapping[str, Any]) -> str:
    if row["lease"] is not None:
        return "running" if row["lease"] > 0 else "cut off"
    if row["due"] is None:
        return "given up"
    return f"in {_duration(row['due'])}" if row["due"] > 0 else "now"


def _duration(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{max(seconds, 0):.2f} s"
