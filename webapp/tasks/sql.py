"""Runs the statements about background tasks, which are the same for both databases but for what `fill` puts in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from webapp.live.database import fill
from webapp.tasks.models import BackgroundTask

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    # Not now(): the writer's transaction may have begun before this statement.
    "postgres": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
_LOCK = {"sqlite": "", "postgres": "FOR UPDATE SKIP LOCKED"}


async def query(sql: str, values: Sequence[Any] = (), names: Collection[str] = ()) -> list[dict[str, Any]]:
    """Run a statement.

    Args:
        sql: Has `{now}` for the database's time in milliseconds, `{lock}`, `{names}`, and `$1` and so on for `values`.
        values: The values.
        names: The names of tasks that `{names}` stands for.

    Raises:
        Exception: The error of the database.
    """
    db = BackgroundTask._meta.db
    dialect = db.capabilities.dialect
    marks = ", ".join(f"${number}" for number in range(len(values) + 1, len(values) + len(names) + 1))
    text = fill(sql, {"now": _NOW[dialect], "lock": _LOCK[dialect], "names": marks})
    mark = "?" if dialect == "sqlite" else "$"
    return await db.execute_query_dict(text.replace("$", mark), [*values, *names])


def milliseconds(seconds: float) -> int:
    """Return `seconds` as the database keeps them."""
    return int(seconds * 1000)
