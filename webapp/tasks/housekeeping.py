"""The tasks of the app itself."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from webapp.tasks.models import BackgroundTask
from webapp.tasks.table import TaskTable
from webapp.tasks.task import DAY, HOUR, Task, TaskContext

WAL_LIMIT = 16 * 1024 * 1024
"""Bytes of SQLite's write-ahead file from which on it is cut back; SQLite itself never makes it shorter."""

WAIT = 0.2
"""Seconds that the checkpoint may wait for readers and writers; the next one finds them elsewhere."""

SEEN = 7 * DAY
"""Seconds for which `python -m webapp tasks` shows work that was given up."""


async def prune_change_log(context: TaskContext) -> str | None:
    """Forget changes that no page needs any more, of all groups: feeds do so only for groups that are watched."""
    log, writer = context.engine.hub.log, context.engine.writer
    pruned = 0
    after = ""
    while groups := await log.prunable(after):
        for name, last in groups:
            while deleted := await writer.run(partial(log.prune_to, name, last)):
                pruned += deleted
        after = groups[-1][0]
    return f"{pruned} changes" if pruned else None


async def forget_given_up(context: TaskContext) -> str | None:
    """Forget deferred work that was given up, once an operator has had time to see it and to ask for it again."""
    table = TaskTable(context.engine.writer)
    forgotten = 0
    while deleted := await table.forget_given_up(SEEN):
        forgotten += deleted
    return f"{forgotten} rows" if forgotten else None


async def tend_sqlite(context: TaskContext) -> str | None:
    """Refresh what SQLite's query planner knows, and cut its write-ahead file back after a burst."""
    db = BackgroundTask._meta.db
    if db.capabilities.dialect != "sqlite":
        return None
    found = await db.execute_query_dict("SELECT file FROM pragma_database_list WHERE name = 'main'")
    path = Path(found[0]["file"])
    return await asyncio.to_thread(_tend, path)


def _tend(path: Path) -> str | None:
    wal = path.with_name(f"{path.name}-wal")
    # On a connection of its own: on the app's, every read of the process would wait meanwhile.
    with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as connection:
        connection.execute("PRAGMA analysis_limit = 400").close()
        connection.execute("PRAGMA optimize").close()
        before = wal.stat().st_size if wal.exists() else 0
        if before < WAL_LIMIT:
            return None
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return "the write-ahead file is in use" if busy else f"{before} bytes of write-ahead file cut off"


TASKS = (
    Task("prune-change-log", prune_change_log, every=HOUR),
    Task("forget-given-up", forget_given_up, every=DAY / 4),
    Task("tend-sqlite", tend_sqlite, every=DAY / 4, retries=2),
)
