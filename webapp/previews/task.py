"""The background task that gives a message its preview. Its row comes with the message, by a trigger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

from webapp.previews.models import TASK
from webapp.tasks import Task, TaskContext


def task(run: Callable[[TaskContext], Awaitable[object]]) -> Task:
    """Return the task that does its work by `run`."""
    return Task(TASK, run, timeout=30.0, asks_others=True)


async def preview(context: TaskContext) -> object:
    """Bring the preview of one message up to date."""
    # If the event loop imported this, everybody would wait for it, at the first link.
    run = await asyncio.to_thread(_previewing)
    return await run(context)


@cache
def _previewing() -> Callable[[TaskContext], Awaitable[object]]:
    # If this were imported at the top, each process and each command would load an HTTP client and an image library.
    from webapp.previews.fetching import Fetcher
    from webapp.previews.previewing import Previewing

    return Previewing(Fetcher()).run


TASKS = (task(preview),)
