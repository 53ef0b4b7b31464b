"""No statement that fails, or is given up, wherever it waits, leaves anything to the next one.

`Saboteur` counts every wait of the database layer in whatever tasks a piece of work makes, and breaks the one that it
is told to: by an exception, or by a cancellation. Then the next statements have to work, to see what is new, and to be
in nobody's way.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError
from tortoise.transactions import in_transaction

from tests.support.bound import Bound, bound_to
from tests.support.databases import Databases, SqliteDatabases
from webapp.board.models import IntegerValue
from webapp.chat.bindings import MessageBinding
from webapp.chat.models import Message, Room
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.wording import Wording
from webapp.live.writing.writer import Writer
from webapp.room_values.bindings import RoomValueBinding

LAYER = ("/tortoise/backends/", "/webapp/live/database/sqlite_", "/webapp/live/database/postgres_")
"""Where the database layer's code is."""

MOST = 200
"""Waits in one piece of work; more would be an endless one."""


class Injected(OSError):
    """What the saboteur raises: such as a connection that breaks."""


class Saboteur:
    """Breaks the wait number `at` of the database layer, from 0, by `how`: an exception is raised in its place."""

    def __init__(self, at: int, how: type[BaseException]) -> None:
        self.at = at
        self.how = how
        self.waits = 0

    @property
    def has_struck(self) -> bool:
        return self.waits > self.at

    def task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        """The loop's way to make tasks."""
        return asyncio.Task(self._watched(coroutine), loop=loop, **options)

    @types.coroutine
    def _watched(self, coroutine: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Step `coroutine` by hand, as the loop would."""
        thrown: BaseException | None = None
        while True:
            try:
                waiting = coroutine.send(None) if thrown is None else coroutine.throw(thrown)
            except StopIteration as end:
                return end.value
            thrown = None
            if _in_layer(coroutine):
                self.waits += 1
                if self.waits == self.at + 1:
                    # Given up too, as by a timeout: a driver cannot know otherwise that nobody waits any more.
                    if isinstance(waiting, asyncio.Future):
                        waiting.add_done_callback(_ignored)
                        waiting.cancel()
                    thrown = self.how()
                    continue
            try:
                yield waiting
            except BaseException as error:
                thrown = error


def _ignored(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def _in_layer(coroutine: Any) -> bool:
    """Whether the innermost code of ours and Tortoise's that waits belongs to the database layer."""
    while coroutine is not None:
        code = getattr(coroutine, "cr_code", None)
        if code is not None and any(part in code.co_filename for part in LAYER):
            return True
        coroutine = getattr(coroutine, "cr_await", None)
    return False


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [MessageBinding(), RoomValueBinding()]) as found:
        yield found


async def load_page(bound: Bound) -> None:
    room = await Room.get(id=1)
    await bound.log.head(room.group)
    await room.page()
    await bound.bindings["roomval"].rows.shown(room.group)


async def read_a_bad_row(bound: Bound) -> None:
    await Message.filter(room_id=2)


async def follow(bound: Bound) -> None:
    frames = FrameRenderer(bound.bindings, Wording.of_one(bound.render))
    changes = await bound.log.after("room:1", 0, 500)
    await frames.changed("room:1", changes, 0, {})
    await frames.reset("room:1", 0, 1)


async def say(bound: Bound) -> None:
    await _written(lambda writer: writer.create(Message(room_id=1, handle="ann", message="hi"), "room:1", True))


async def edit(bound: Bound) -> None:
    await _written(lambda writer: writer.run(_edit))


async def _edit() -> None:
    await IntegerValue.filter(name="tea").update(value=2)
    await IntegerValue.create(name="milk", room_id=1)
    await IntegerValue.bulk_create([IntegerValue(name=name, room_id=1) for name in ("x", "y")])
    await IntegerValue.filter(name__in=["milk", "x", "y"]).delete()


async def _written(write: Callable[[Writer], Awaitable[Any]]) -> None:
    writer = Writer(lambda groups: None)
    async with writer.working():
        await write(writer)


async def in_savepoints(bound: Bound) -> None:
    async with in_transaction("default" if bound.kind == "sqlite" else "postgres"):
        await IntegerValue.filter(name="tea").update(value=3)
        async with in_transaction("default" if bound.kind == "sqlite" else "postgres"):
            await IntegerValue.filter(name="tea").update(value=4)


WORK = [load_page, read_a_bad_row, follow, say, edit, in_savepoints]


@pytest.mark.parametrize("how", [Injected, asyncio.CancelledError], ids=["failing", "cancelled"])
@pytest.mark.parametrize("work", WORK)
async def test_whatever_wait_is_broken_the_next_statements_work(
    bound: Bound, work: Callable[[Bound], Coroutine[Any, Any, None]], how: type[BaseException]
) -> None:
    bad = "'20000-01-01'" if bound.kind == "postgres" else "'yesterday'"
    await bound.one.run(f"INSERT INTO message (room_id, handle, message, timestamp) VALUES (2, 'bot', 'x', {bad})")
    await bound.one.run("INSERT INTO integervalue (name, value, room_id) VALUES ('tea', 1, 1)")
    loop = asyncio.get_running_loop()
    for at in range(MOST):
        saboteur = Saboteur(at, how)
        loop.set_task_factory(saboteur.task)
        try:
            task = asyncio.create_task(work(bound))
            async with asyncio.timeout(30):
                await asyncio.wait([task])
        finally:
            loop.set_task_factory(None)
        if not task.cancelled():
            task.exception()
        await _all_is_well(bound, at)
        if not saboteur.has_struck:
            assert task.exception() is None
            return
    raise AssertionError("it waits without an end")


async def _all_is_well(bound: Bound, number: int) -> None:
    """Other programs write at once, this one sees it and writes too, and no transaction is left open."""
    async with asyncio.timeout(20):
        await bound.one.run("PRAGMA busy_timeout = 5000" if bound.kind == "sqlite" else "SET lock_timeout = 2000")
        name = f"outside {number}"
        await bound.one.run(f"INSERT INTO integervalue (name, value, room_id) VALUES ('{name}', 1, 3)")
        assert await IntegerValue.filter(name=name).count() == 1
        await _written(lambda writer: writer.run(partial(IntegerValue.filter(name=name).update, value=number)))
        assert await bound.one.run(f"SELECT value FROM integervalue WHERE name = '{name}'") == [(number,)]
        if bound.kind == "postgres":
            open_ones = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND state LIKE 'idle in transaction%'"
            )
            assert await bound.one.run(open_ones) == [(0,)]


async def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path, template_file: Path) -> None:
    async with bound_to(SqliteDatabases(tmp_path, template_file), [RoomValueBinding()]) as bound:
        # A foreign key that is checked at the commit only.
        sql = "CREATE TABLE late (room_id BIGINT REFERENCES room (id) DEFERRABLE INITIALLY DEFERRED)"
        await bound.one.run(sql)
        with pytest.raises(IntegrityError):
            async with in_transaction("default") as transaction:
                await transaction.execute_query("INSERT INTO late VALUES (99)")
        await _all_is_well(bound, 1)
        with pytest.raises(OperationalError):
            await bound.log._connection.execute_script("BEGIN; INSERT INTO late VALUES (1); NONSENSE; COMMIT")
        await _all_is_well(bound, 2)
        with pytest.raises(OperationalError):
            await bound.log._connection.execute_many("INSERT INTO late VALUES (?)", [[1], [object()]])
        assert await bound.one.run("SELECT * FROM late") == []
        await _all_is_well(bound, 3)


async def test_a_database_that_is_locked_by_another_is_told_as_such_and_left_as_it_was(
    tmp_path: Path, template_file: Path
) -> None:
    async with bound_to(SqliteDatabases(tmp_path, template_file), [RoomValueBinding()]) as bound:
        await bound.log._connection.execute_query("PRAGMA busy_timeout = 0")
        await bound.one.run("BEGIN IMMEDIATE")
        with pytest.raises(TransactionManagementError):
            async with in_transaction("default"):
                raise AssertionError("it is locked")
        with pytest.raises(OperationalError):
            await IntegerValue.create(name="tea", room_id=1)
        await bound.one.run("ROLLBACK")
        await _all_is_well(bound, 1)
