"""A process stops although a task has lost its cancellation."""

from __future__ import annotations

import asyncio

import pytest

from webapp.live import live


async def test_a_task_that_loses_a_cancellation_is_cancelled_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CANCEL_AGAIN", 0.01)
    lost = 0

    async def work() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    tasks = [asyncio.create_task(work()), asyncio.create_task(asyncio.sleep(3600))]
    await asyncio.sleep(0)
    await live._cancel(tasks)
    assert all(task.cancelled() for task in tasks)
    assert lost == 3
