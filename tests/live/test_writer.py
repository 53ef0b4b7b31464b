"""The writer commits what is pending together, and answers only what is committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from tests.support.databases import Database
from tests.support.patience import within
from webapp.chat.models import Message
from webapp.live.writing import writer as writer_module
from webapp.live.writing.writer import BATCH, Writer, WriterBusy


class Rung:
    """What a relay would hear: the groups of each commit, and how many messages could be read then."""

    def __init__(self) -> None:
        self.rings: list[set[str]] = []

    def __call__(self, groups: Iterable[str]) -> None:
        self.rings.append(set(groups))


@pytest.fixture
async def rung(sqlite: Database) -> Rung:
    return Rung()


@pytest.fixture
async def writer(rung: Rung) -> AsyncIterator[Writer]:
    found = Writer(rung)
    async with found.working():
        yield found


def message(text: str, room: int = 1, nonce: str | None = None) -> Message:
    return Message(room_id=room, handle="ann", message=text, nonce=nonce)


async def texts() -> list[str]:
    return [row.message for row in await Message.all().order_by("id")]


async def test_what_is_pending_is_committed_together_and_in_order(writer: Writer, rung: Rung) -> None:
    await asyncio.gather(*(writer.create(message(str(n), n % 3 + 1), f"room:{n % 3 + 1}") for n in range(100)))
    assert await texts() == [str(n) for n in range(100)]
    assert rung.rings == [{"room:1", "room:2", "room:3"}]


async def test_order_is_kept_between_inserts_and_other_writes(writer: Writer) -> None:
    async def shout() -> str:
        await Message.filter(message="one").update(message="ONE")
        return "shouted"

    results: list[object] = await asyncio.gather(
        writer.create(message("one"), "room:1"),
        writer.run(shout),
        writer.create(message("one"), "room:1", ignore_conflicts=True),
        writer.create(message("two"), "room:1"),
    )
    assert results == [None, "shouted", None, None]
    assert await texts() == ["ONE", "one", "two"]


async def test_more_than_a_batch_keeps_its_order(writer: Writer, rung: Rung) -> None:
    count = 2 * BATCH + 10
    await asyncio.gather(*(writer.create(message(str(n)), "room:1") for n in range(count)))
    assert await texts() == [str(n) for n in range(count)]
    assert len(rung.rings) == 3


async def test_a_write_is_answered_after_its_commit(writer: Writer, sqlite: Database) -> None:
    await writer.create(message("hi"), "room:1")
    assert await sqlite.two.run("SELECT message FROM message") == [("hi",)]


async def test_a_failed_write_fails_alone(writer: Writer, rung: Rung) -> None:
    results = await asyncio.gather(
        writer.create(message("one"), "room:1"),
        writer.create(message("to a room that is not there", room=99), "room:99"),
        writer.create(message("two"), "room:1"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), IntegrityError, type(None)]
    assert await texts() == ["one", "two"]
    assert {"room:99"} not in rung.rings


async def test_what_a_function_raises_reaches_its_caller_and_leaves_no_trace(writer: Writer) -> None:
    async def write_and_fail() -> None:
        await Message.create(room_id=1, handle="ann", message="half done")
        raise KeyError("no such thing")

    results = await asyncio.gather(
        writer.create(message("one"), "room:1"), writer.run(write_and_fail), return_exceptions=True
    )
    assert isinstance(results[1], KeyError)
    assert await texts() == ["one"]


async def test_a_row_that_breaks_a_unique_constraint_may_be_left_out_silently(writer: Writer) -> None:
    await asyncio.gather(*(writer.create(message("hi", nonce="n"), "room:1", ignore_conflicts=True) for _ in range(5)))
    assert await texts() == ["hi"]


async def test_a_write_whose_sender_has_gone_is_still_committed(writer: Writer, sqlite: Database) -> None:
    tasks = [asyncio.create_task(writer.create(message(str(n)), "room:1")) for n in range(5)]
    await asyncio.sleep(0)
    for task in tasks[:4]:
        task.cancel()
    await tasks[4]
    assert await texts() == ["0", "1", "2", "3", "4"]


async def test_cancelled_in_the_middle_of_its_commit_it_breaks_nothing(writer: Writer) -> None:
    for number in range(20):
        task = asyncio.create_task(writer.create(message(str(number)), "room:1"))
        await asyncio.sleep(0.001 * (number % 5))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await writer.create(message("last"), "room:1")
    assert await texts() == [*(str(number) for number in range(20)), "last"]


async def test_more_than_may_wait_is_refused(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "PENDING", 10)
    results = await asyncio.gather(
        *(writer.create(message(str(n)), "room:1") for n in range(15)), return_exceptions=True
    )
    assert [isinstance(result, WriterBusy) for result in results] == [False] * 10 + [True] * 5
    assert len(await texts()) == 10
    await writer.create(message("later"), "room:1")


async def test_what_was_accepted_before_the_end_is_written_at_the_end(sqlite: Database, rung: Rung) -> None:
    writer = Writer(rung)
    async with writer.working():
        tasks = [asyncio.create_task(writer.create(message(str(n)), "room:1")) for n in range(3 * BATCH)]
        await asyncio.sleep(0)
    assert not any(isinstance(each, Exception) for each in await asyncio.gather(*tasks, return_exceptions=True))
    assert len(await texts()) == 3 * BATCH
    with pytest.raises(WriterBusy):
        await writer.create(message("too late"), "room:1")


async def test_a_database_that_stays_away_fails_a_batch_in_bounded_time(
    writer: Writer, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "SINGLE_WRITES", 0.0)
    await sqlite.log._connection.execute_query("PRAGMA busy_timeout = 50")
    await sqlite.two.run("BEGIN IMMEDIATE")
    async with asyncio.timeout(within(5)):
        results = await asyncio.gather(
            *(writer.create(message(str(n)), "room:1") for n in range(200)), return_exceptions=True
        )
    assert all(isinstance(result, Exception) for result in results)
    await sqlite.two.run("COMMIT")
    await writer.create(message("back"), "room:1")
    assert await texts() == ["back"]


async def test_reads_beside_the_writer_never_see_what_is_not_committed(writer: Writer, tmp_path: Path) -> None:
    started, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        await Message.create(room_id=1, handle="ann", message="not yet")
        started.set()
        await finish.wait()
        raise KeyError

    writing = asyncio.create_task(writer.run(slow))
    await started.wait()
    asyncio.get_running_loop().call_later(0.05, finish.set)
    assert await Message.all().count() == 0
    with pytest.raises(KeyError):
        await writing


async def test_the_orms_own_transactions_go_on_beside_it(writer: Writer) -> None:
    async def own(number: int) -> None:
        async with in_transaction():
            await Message.create(room_id=1, handle="ann", message=f"own {number}")

    await asyncio.gather(*(own(n) for n in range(10)), *(writer.create(message(str(n)), "room:1") for n in range(10)))
    assert len(await texts()) == 20
