"""What a runner does with the tasks of one process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.support.patience import PATIENCE, POLL
from webapp.app import bindings
from webapp.db import MODELS, migrate
from webapp.live.live import Live
from webapp.tasks.models import BackgroundTask
from webapp.tasks.runner import LAST_RETRY, SLOTS, TaskRunner
from webapp.tasks.table import TaskTable
from webapp.tasks.task import DAY, FOR_EVER, Task, TaskContext
from webapp.tasks.totals import totals

RETRY = 0.2


@asynccontextmanager
async def running(directory: Path, tasks: Sequence[Task], lease: float = 5.0) -> AsyncIterator[None]:
    """A runner with these tasks, every row due at once."""
    url = f"sqlite://{directory / 'webapp.sqlite3'}"
    await migrate(url, bindings())
    runner = TaskRunner(tasks, FOR_EVER, look=0.02, lease=lease, first_retry=RETRY)
    live = Live(bindings(), database_url=url, models=MODELS, namespace="live", tables="leave", tasks=[runner.work])
    app = Starlette()
    async with live.lifespan(app) as state:
        table = TaskTable(state["live"].writer)
        for task in tasks:
            await table.defer(task.name, "1")
        yield


async def outcomes(count: int = 1) -> list[str]:
    """How the runs ended, in the order of the alphabet, once `count` have."""
    deadline = time.monotonic() + PATIENCE
    found = await totals()
    while sum(one.runs for one in found.ended) < count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(POLL)
        found = await totals()
    return sorted(outcome for one in found.ended for outcome in [one.outcome] * one.runs)


async def test_a_run_tells_what_it_is_about_and_how_long_it_took(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def count(context: TaskContext) -> str:
        await asyncio.sleep(0.1)
        return f"{len(context.key)} thing"

    async with running(tmp_path, [Task("count", count)]):
        assert await outcomes() == ["done"]
        (ended,) = (await totals()).ended
        assert ended.name == "count"
        assert ended.milliseconds >= 100
        assert not await BackgroundTask.exists()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "webapp.tasks.runner"]
    assert line.startswith("task count 1 done in 0.")
    assert line.endswith(" s: 1 thing")


async def test_a_run_whose_lease_another_process_took_notes_nothing(tmp_path: Path) -> None:
    async def be_late(context: TaskContext) -> None:
        await BackgroundTask.filter(name="late").update(lease="another's", lease_until=2**53)

    async with running(tmp_path, [Task("late", be_late)]):
        assert await outcomes() == ["lost"]
        assert [row.lease for row in await BackgroundTask.all()] == ["another's"]


async def test_a_run_that_loses_its_lease_on_the_way_is_cut_off(tmp_path: Path) -> None:
    async def be_slow(context: TaskContext) -> None:
        await BackgroundTask.filter(name="slow").update(lease="another's", lease_until=2**53)
        await asyncio.sleep(DAY)

    async with running(tmp_path, [Task("slow", be_slow)], lease=0.3):
        assert await outcomes() == ["lost"]


async def test_a_task_that_takes_too_long_has_failed_and_a_deferred_one_is_given_up_in_the_end(tmp_path: Path) -> None:
    async def hang(context: TaskContext) -> None:
        await asyncio.sleep(DAY)

    async with running(tmp_path, [Task("hang", hang, retries=1, timeout=0.05)]):
        assert await outcomes(2) == ["failed", "gave_up"]
        (row,) = await BackgroundTask.all()
        assert (row.due_at, row.error) == (None, "TimeoutError()")


async def test_retries_come_later_each_time_up_to_a_bound_and_not_all_at_once(tmp_path: Path) -> None:
    runner = TaskRunner([], FOR_EVER, first_retry=RETRY)
    for attempts in range(1, 40):
        longest = min(LAST_RETRY, RETRY * 2 ** (attempts - 1))
        delays = {runner._delay(attempts) for _ in range(50)}
        assert longest / 2 <= min(delays) < max(delays) <= longest

    async def fail(context: TaskContext) -> None:
        raise ValueError

    async with running(tmp_path, [Task("fail", fail)]):
        assert await outcomes() == ["failed"]
        row = await BackgroundTask.get(name="fail")
        assert row.due_at is not None
        assert row.started_at is not None
        assert row.due_at - row.started_at >= RETRY / 2 * 1000


async def test_a_task_whose_processes_died_each_time_is_given_up_without_another_try(tmp_path: Path) -> None:
    called: list[str] = []

    async def call(context: TaskContext) -> None:
        called.append(context.key)

    async with running(tmp_path, [Task("call", call, retries=2)]):
        await BackgroundTask.create(name="call", key="deadly", due_at=0, attempts=3)
        await BackgroundTask.create(name="call", key="unlucky", due_at=0, attempts=2)
        assert await outcomes(3) == ["done", "done", "gave_up"]
        (row,) = await BackgroundTask.all()
    assert sorted(called) == ["1", "unlucky"]
    assert (row.key, row.due_at, row.error) == ("deadly", None, "CutOffEachTime()")


async def test_a_process_runs_a_few_tasks_at_once_and_the_others_wait(tmp_path: Path) -> None:
    under_way: set[str] = set()
    most: list[int] = []

    def named(name: str) -> Callable[[TaskContext], Awaitable[None]]:
        async def take_a_while(context: TaskContext) -> None:
            under_way.add(name)
            most.append(len(under_way))
            await asyncio.sleep(0.1)
            under_way.discard(name)

        return take_a_while

    tasks = [Task(str(number), named(str(number))) for number in range(SLOTS + 3)]
    async with running(tmp_path, tasks):
        assert await outcomes(len(tasks)) == ["done"] * len(tasks)
    assert max(most) == SLOTS


async def test_a_task_that_the_deployment_does_not_want_has_no_row(tmp_path: Path) -> None:
    async def nothing(context: TaskContext) -> None:
        """Do nothing."""

    tasks = [Task("wanted", nothing, every=DAY), Task("unwanted", nothing, every=DAY, wanted=lambda _: False)]
    async with running(tmp_path, tasks):
        assert await outcomes() == ["done"]
        names = [row.name for row in await BackgroundTask.filter(key="")]
    assert names == ["wanted"]
