"""Whether a process can write is known to whoever asks, soon, cheaply, and without a line for each question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.bound import Bound, bound_to
from tests.support.databases import Databases
from webapp.board.models import IntegerValue
from webapp.live.writing import write_probe as probe_module
from webapp.live.writing.write_probe import WriteProbe
from webapp.room_values.bindings import RoomValueBinding


@pytest.fixture
async def bound(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bound]:
    monkeypatch.setattr(probe_module, "FRESH", 0.0)
    async with bound_to(databases, [RoomValueBinding()]) as found:
        yield found


LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgres": "BEGIN; LOCK TABLE live_probe"}


async def execute(bound: Bound, script: str) -> None:
    for statement in script.split("; "):
        await bound.one.run(statement)


async def test_a_writer_that_is_stuck_is_told_of_within_its_patience_and_recovers(
    bound: Bound, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    probe = WriteProbe(bound.writer, bound.log.probe)
    assert await probe.trouble() == ""
    if bound.kind == "sqlite":
        await bound.log._connection.execute_query("PRAGMA busy_timeout = 60000")
    monkeypatch.setattr(probe_module, "PROBE_TIMEOUT", 0.2)
    await execute(bound, LOCK[bound.kind])
    answers = await asyncio.gather(*(probe.trouble() for _ in range(5)))
    answers.append(await probe.trouble())
    assert set(answers) == {"the database does not answer"}
    await execute(bound, "COMMIT")
    async with asyncio.timeout(10):
        while await probe.trouble():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)
    assert [record.getMessage() for record in caplog.records] == [
        "no write can succeed: the database does not answer",
        "writes succeed again",
    ]


async def test_who_asks_at_once_shares_one_write_and_after_a_commit_nobody_writes(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    async def write() -> None:
        nonlocal written
        written += 1
        await bound.log.probe()

    probe = WriteProbe(bound.writer, write)
    assert set(await asyncio.gather(*(probe.trouble() for _ in range(20)))) == {""}
    assert written == 1
    monkeypatch.setattr(probe_module, "FRESH", 60.0)
    await bound.writer.create(IntegerValue(name="tea", room_id=1), "room:1")
    assert await probe.trouble() == ""
    assert written == 1


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_file_that_nobody_may_write_is_called_so(bound: Bound) -> None:
    probe = WriteProbe(bound.writer, bound.log.probe)
    await bound.log._connection.execute_query("PRAGMA query_only = ON")
    assert await probe.trouble() == "the database is read-only"
    await bound.log._connection.execute_query("PRAGMA query_only = OFF")
    assert await probe.trouble() == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("database or disk is full", "the disk is full"),
        ("could not extend file: No space left on device", "the disk is full"),
        ("cannot execute INSERT in a read-only transaction", "the database is read-only"),
        ("database is locked", "the database is locked by another program"),
        ("connection refused", "the database is away"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(text: str, words: str) -> None:
    assert probe_module._named(OSError(text)) == words
