"""Groups that are rung together share their queries, and nothing else: not a fault, not a place, not a row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import pytest
from tortoise.models import Model

from tests.support.bound import TEMPLATE, Bound, Page, bound_to
from tests.support.databases import ROOMS, Database, Databases
from tests.support.things import Thing
from webapp.live.binding import rows as rows_module
from webapp.live.binding.binding import Binding
from webapp.live.binding.rows import Rows
from webapp.live.database import batch_loader, checked_reading, row_building
from webapp.live.database.batch_loader import BatchLoader


class Oracle:
    """Answers with the double. Whoever asks 13 learns nothing, and neither does who asks with it."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._fault = fault

    async def answer(self, questions: Sequence[int]) -> list[int]:
        self.asked.append(list(questions))
        await self.may_answer.wait()
        if self._fault is not None and 13 in questions:
            raise self._fault
        return [2 * question for question in questions]


async def test_what_is_asked_at_once_is_one_query_and_what_is_asked_meanwhile_the_next() -> None:
    oracle = Oracle()
    oracle.may_answer.clear()
    asking = BatchLoader(oracle.answer)
    first = [asyncio.create_task(asking.load(number)) for number in (1, 2)]
    while not oracle.asked:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    later = [asyncio.create_task(asking.load(number)) for number in (4, 3)]
    await asyncio.sleep(0)
    oracle.may_answer.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 8, 6]
    assert oracle.asked == [[1, 2], [4, 3]]


async def test_a_query_answers_so_many_questions_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_loader, "AT_ONCE", 2)
    oracle = Oracle()
    asking = BatchLoader(oracle.answer)
    assert await asyncio.gather(*map(asking.load, range(5))) == [0, 2, 4, 6, 8]
    assert oracle.asked == [[0, 1], [2, 3], [4]]


async def test_a_question_that_cannot_be_answered_fails_alone() -> None:
    oracle = Oracle(ValueError("unlucky"))
    asking = BatchLoader(oracle.answer)
    answers = await asyncio.gather(*map(asking.load, range(100)), return_exceptions=True)
    assert [number for number, answer in enumerate(answers) if answer != 2 * number] == [13]
    assert isinstance(answers[13], ValueError)
    assert len(oracle.asked) < 20


async def test_a_lost_connection_is_not_tried_for_each_of_them() -> None:
    oracle = Oracle(ConnectionResetError())
    asking = BatchLoader(oracle.answer)
    answers = await asyncio.gather(*map(asking.load, range(100)), return_exceptions=True)
    assert all(isinstance(answer, ConnectionResetError) for answer in answers)
    assert len(oracle.asked) == 1
    assert await asking.load(1) == 2


async def test_who_gives_up_takes_nobody_along() -> None:
    oracle = Oracle()
    oracle.may_answer.clear()
    asking = BatchLoader(oracle.answer)
    tasks = [asyncio.create_task(asking.load(number)) for number in range(3)]
    while not oracle.asked:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)
    tasks.append(asyncio.create_task(asking.load(3)))
    tasks.append(asyncio.create_task(asking.load(4)))
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[3].cancel()
    await asyncio.sleep(0)
    oracle.may_answer.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[index] for index in (1, 2, 4)] == [2, 4, 8]
    assert all(isinstance(answers[index], asyncio.CancelledError) for index in (0, 3))
    assert oracle.asked == [[0, 1, 2], [4]]


async def test_nobody_waits_for_an_answer_that_was_stopped() -> None:
    oracle = Oracle(asyncio.CancelledError())  # type: ignore[arg-type]
    asking = BatchLoader(oracle.answer)
    answers = await asyncio.gather(asking.load(13), asking.load(1), return_exceptions=True)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers)
    assert await asking.load(1) == 2


class CountingRows(Rows[Thing]):
    """The rows; `loads` counts the queries for them."""

    loads = 0

    async def load(self, asked: Sequence[tuple[str, Collection[str]]]) -> list[dict[str, Thing]]:
        self.loads += 1
        return await super().load(asked)


class Things(Binding[Thing]):
    """The things of a room that are shown."""

    model = Thing
    stream = "things"
    group = "room:{room_id}"
    fields = ("name", "value")
    only = {"shown": True}  # noqa: RUF012 - as an app would write it
    template = f"{TEMPLATE}/thing"
    target = "#things"
    element = "thing"

    @cached_property
    def rows(self) -> CountingRows:
        return CountingRows(self)


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [Things()]) as found:
        yield found


async def opened(bound: Bound) -> list[Page]:
    """A live page of each room."""
    pages = [await (await bound.page(("things", f"room:{room}")).load()).open() for room in ROOMS]
    for page in pages:
        await page.until(lambda page: bool(page.frames))
    return pages


async def all_show(pages: Sequence[Page], *rows: dict[int, str]) -> None:
    for page, names in zip(pages, rows, strict=True):
        await page.until_shows({"things": {pk: {"name": name, "value": "0"} for pk, name in names.items()}})


async def test_each_group_gets_its_own_rows_by_one_query(bound: Bound) -> None:
    pages = await opened(bound)
    (binding,) = bound.bindings.values()
    assert isinstance(binding, Things)
    binding.rows.loads = 0
    a, b, c = [await Thing.create(name=name, room_id=room) for name, room in zip("abc", ROOMS, strict=True)]
    hidden = await Thing.create(name="hidden", room_id=1, shown=False)
    bound.hub.ring(None)
    await all_show(pages, {a.id: "a"}, {b.id: "b"}, {c.id: "c"})
    assert binding.rows.loads == 1
    # A move concerns two groups, which ask for the same row in the same query.
    await Thing.filter(id=a.id).update(room_id=2)
    await Thing.filter(id=b.id).update(shown=False)
    await Thing.filter(id=c.id).update(room_id=None)
    await Thing.filter(id=hidden.id).update(shown=True)
    bound.hub.ring(None)
    await all_show(pages, {hidden.id: "hidden"}, {a.id: "a"}, {})
    for page in pages:
        await page.drop()


async def test_rows_are_asked_for_by_as_many_keys_as_a_query_takes(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "_KEYS_PER_QUERY", 2)
    things = [await Thing.create(name=str(number), room_id=ROOMS[number % 2]) for number in range(5)]
    pks = [str(thing.id) for thing in things]
    (binding,) = bound.bindings.values()
    loaded = await binding.rows.load(
        [("room:1", pks), ("room:2", pks), ("room:3", pks), ("elsewhere", pks), ("room:1", [])]
    )
    assert [list(rows) for rows in loaded] == [pks[::2], pks[1::2], [], [], []]


async def test_a_row_that_cannot_be_read_is_missing_until_it_is_repaired_and_nothing_else_is(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = await opened(bound)
    built = row_building.build

    def built_unless_broken(model: type[Model], row: Mapping[str, Any], reader: Any) -> Model:
        if row["name"] == "broken":
            raise row_building.Unreadable(model, row["id"], "name", "not to be read")
        return built(model, row, reader)

    monkeypatch.setattr(checked_reading, "build", built_unless_broken)
    names = ("a", "broken", "c")
    await bound.one.run(
        "INSERT INTO item (name, sort, value, shown, room_id) VALUES "
        + ", ".join(f"('{name}', 'x', 0, true, {room})" for name, room in zip(names, ROOMS, strict=True))
    )
    bound.hub.ring(None)
    a, broken, c = sorted(pk for (pk,) in await bound.one.run("SELECT id FROM item"))
    await all_show([pages[0], pages[2]], {a: "a"}, {c: "c"})
    assert pages[1].shown() == {"things": {}}
    await bound.one.run("UPDATE item SET name = 'mended' WHERE name = 'broken'")
    bound.hub.ring(None)
    await all_show(pages, {a: "a"}, {broken: "mended"}, {c: "c"})
    for page in pages:
        await page.drop()


async def test_the_log_tells_each_group_what_it_asked_for(database: Database) -> None:
    for room in ROOMS:
        for number in range(4):
            await database.one.run(f"INSERT INTO message (room_id, handle, message) VALUES ({room}, 'ann', '{number}')")
    heads = await database.heads()
    head = {room: heads[f"room:{room}"] for room in ROOMS}
    asked = [
        ("room:2", head[2] - 4, 2),
        ("room:1", head[1] - 1, 100),
        ('it\'s "no" group', 0, 100),
        ("room:2", head[2] - 2, 100),
        ("room:3", head[3], 100),
        ("room:1", 0, 3),
    ]
    found = await asyncio.gather(*(database.log.after(*one) for one in asked))
    assert [[change.seq for change in changes] for changes in found] == [
        [head[2] - 3, head[2] - 2],
        [head[1]],
        [],
        [head[2] - 1, head[2]],
        [],
        [head[1] - 3, head[1] - 2, head[1] - 1],
    ]
    assert found[0] == (await database.changes(2))[:2]
