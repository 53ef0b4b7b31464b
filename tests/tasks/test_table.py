"""Rows of the table of background tasks, by single statements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from tests.support.postgres_server import PostgresServer
from webapp.app import bindings
from webapp.db import connected, migrate
from webapp.live.writing import Writer
from webapp.tasks.listing import listing
from webapp.tasks.table import ERROR_LIMIT, TaskTable, hurry, rows
from webapp.tasks.task import DAY, HOUR, Task, TaskContext
from webapp.tasks.totals import totals


def ring(groups: Iterable[str]) -> None:
    """Nobody listens."""


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[TaskTable]:
    url = f"sqlite://{tmp_path / 'webapp.sqlite3'}"
    await migrate(url, bindings())
    async with connected(url):
        writer = Writer(ring)
        async with writer.working():
            yield TaskTable(writer)


async def nothing(context: TaskContext) -> None:
    """Do nothing."""


async def test_a_task_is_first_due_after_its_interval_and_a_shorter_one_brings_it_forward(table: TaskTable) -> None:
    await table.declare([Task("a", nothing, every=DAY)])
    assert (await table.seconds_to_next(["a"]) or 0) == pytest.approx(DAY, abs=60)
    await table.declare([Task("a", nothing, every=HOUR)])
    assert (await table.seconds_to_next(["a"]) or 0) == pytest.approx(HOUR, abs=60)
    await table.declare([Task("a", nothing, every=DAY)])
    assert (await table.seconds_to_next(["a"]) or 0) == pytest.approx(HOUR, abs=60)


async def test_a_process_takes_the_tasks_that_it_knows(table: TaskTable) -> None:
    await table.defer("newer", "1")
    assert await table.take(["older"], 30) is None
    assert await table.seconds_to_next(["older"]) is None
    lease = await table.take(["older", "newer"], 30)
    assert lease is not None
    assert (lease.name, lease.key, lease.attempts) == ("newer", "1", 1)


async def test_what_is_asked_for_twice_runs_once_and_once_more_if_it_was_running(table: TaskTable) -> None:
    await table.defer("a", "1")
    await table.defer("a", "1")
    lease = await table.take(["a"], 30)
    assert lease is not None
    assert await table.take(["a"], 30) is None
    await table.defer("a", "1")
    assert await table.done(lease, None, 0.1)
    again = await table.take(["a"], 30)
    assert again is not None
    assert await table.done(again, None, 0.1)
    assert not await rows()


async def test_a_lease_that_ran_out_and_was_taken_is_worth_nothing(table: TaskTable) -> None:
    await table.defer("a", "1")
    first = await table.take(["a"], -1)
    second = await table.take(["a"], 30)
    assert first is not None
    assert second is not None
    assert not await table.renew(first, 30)
    assert not await table.done(first, None, 0.1)
    assert not await table.failed(first, "late", 0.0, last=False, seconds=0.1)
    await table.leave(first, 0.1)
    assert await table.renew(second, 30)


async def test_what_was_given_up_stays_in_sight_until_it_is_asked_for_again(table: TaskTable) -> None:
    await table.defer("a", "1")
    lease = await table.take(["a"], 30)
    assert lease is not None
    await table.failed(lease, "x\ny" * ERROR_LIMIT, None, last=True, seconds=0.1)
    assert await table.take(["a"], 30) is None
    (line,) = listing(await rows()).splitlines()[1:]
    assert "given up" in line
    assert "x yx y" in line
    assert await hurry("a")
    assert await table.take(["a"], 30) is not None


async def test_one_row_of_several_is_asked_for_again(table: TaskTable) -> None:
    for key in ("1", "2"):
        await table.defer("a", key)
        lease = await table.take(["a"], 30)
        assert lease is not None
        await table.failed(lease, "x", None, last=True, seconds=0.1)
    assert not await hurry("a", "3")
    assert await hurry("a", "2")
    again = await table.take(["a"], 30)
    assert again is not None
    assert (again.key, again.attempts) == ("2", 1)
    assert await table.take(["a"], 30) is None


async def test_what_was_given_up_is_forgotten_after_a_while_and_nothing_else_is(table: TaskTable) -> None:
    await table.declare([Task("periodic", nothing, every=DAY)])
    for key in ("given up", "to be tried again", "running"):
        await table.defer("a", key)
    for key in ("given up", "to be tried again"):
        lease = await table.take(["a"], 30)
        assert lease is not None
        assert lease.key == key
        await table.failed(lease, "x", None if key == "given up" else DAY, last=key == "given up", seconds=0.1)
    assert await table.take(["a"], 30) is not None
    assert await table.forget_given_up(DAY) == 0
    assert await table.forget_given_up(-1) == 1
    assert {row["key"] for row in await rows()} == {"", "to be tried again", "running"}
    assert await table.forget_given_up(-1) == 0


async def test_totals_tell_how_runs_ended_and_what_waits(table: TaskTable) -> None:
    for key in ("waiting", "given up", "done", "lost", "running"):
        await table.defer("a", key, -10)
    held = {}
    for _ in range(5):
        lease = await table.take(["a"], 30)
        assert lease is not None
        held[lease.key] = lease
    await table.failed(held["given up"], "x", None, last=True, seconds=0.5)
    assert await table.done(held["done"], None, 1.5)
    await table.failed(held["waiting"], "x", -10.0, last=False, seconds=0.1)
    assert not await table.done(held["lost"]._replace(lease="another's"), None, 0.1)
    found = await totals()
    assert {(one.outcome, one.runs, one.milliseconds) for one in found.ended} == {
        ("gave_up", 1, 500),
        ("done", 1, 1500),
        ("failed", 1, 100),
        ("lost", 1, 100),
    }
    (state,) = found.states
    assert (state.name, state.waiting, state.running, state.given_up) == ("a", 1, 2, 1)
    assert 10_000 <= state.late < 70_000


async def test_both_databases_say_the_same(postgres: PostgresServer, migrated: str) -> None:
    url = postgres.url(postgres.create_database(migrated))
    async with connected(url):
        writer = Writer(ring)
        async with writer.working():
            table = TaskTable(writer)
            await table.declare([Task("a", nothing, every=DAY)])
            assert (await table.seconds_to_next(["a"]) or 0) == pytest.approx(DAY, abs=60)
            await test_a_process_takes_the_tasks_that_it_knows(table)
            await test_what_is_asked_for_twice_runs_once_and_once_more_if_it_was_running_beside(table)
    for test in (
        test_one_row_of_several_is_asked_for_again,
        test_totals_tell_how_runs_ended_and_what_waits,
    ):
        url = postgres.url(postgres.create_database(migrated))
        async with connected(url):
            writer = Writer(ring)
            async with writer.working():
                await test(TaskTable(writer))


async def test_what_is_asked_for_twice_runs_once_and_once_more_if_it_was_running_beside(table: TaskTable) -> None:
    await table.defer("b", "1")
    lease = await table.take(["b"], 30)
    assert lease is not None
    await table.defer("b", "1")
    assert await table.done(lease, None, 0.1)
    assert await table.take(["b"], 30) is not None
