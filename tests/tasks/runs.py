"""A process that runs tasks of the tests: `python -m tests.tasks.runs URL FILE TASK…`.

Each run adds a line to FILE: the task's name, its key, and the process. `quick` is then done, `slow` takes long,
`broken` raises, and `deferred` waits until somebody asks for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from webapp.app import bindings
from webapp.db import MODELS
from webapp.live.live import Live
from webapp.tasks.runner import TaskRunner
from webapp.tasks.task import DAY, FOR_EVER, Task, TaskContext

LEASE = 1.0
"""Seconds, so that a test does not wait long for the lease of a process that it has killed."""

LONG = 2.5 * LEASE
"""Seconds that `slow` takes: more than a lease, which has to be renewed."""


async def run(file: Path, name: str, seconds: float, context: TaskContext) -> None:
    """Note that it was called, and take that long."""
    with file.open("a") as lines:
        lines.write(f"{name} {context.key or '-'} {os.getpid()}\n")
    await asyncio.sleep(seconds)
    if name == "broken":
        raise ValueError("broken as it should be")


def tasks(file: Path, names: Sequence[str]) -> list[Task]:
    """The tasks of these names."""
    return [
        Task(
            name,
            partial(run, file, name, LONG if name == "slow" else 0.0),
            every=None if name == "deferred" else DAY,
            retries=2,
        )
        for name in names
    ]


async def main(url: str, file: Path, names: Sequence[str]) -> None:
    """Run what is due until killed."""
    runner = TaskRunner(tasks(file, names), FOR_EVER, look=0.1, lease=LEASE, first_retry=0.4)
    live = Live(
        bindings(),
        database_url=url,
        secret_key="a secret that only tests know",
        namespace="live",
        models=MODELS,
        tables="leave",
        database_pool=2,
        tasks=[runner.work],
    )
    app = Starlette()
    async with live.lifespan(app):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
