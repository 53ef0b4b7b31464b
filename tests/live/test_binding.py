"""What a page of a binding is sent: all of it, in whichever form, whatever fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.bound import TEMPLATE, UPDATE, Bound, bound_to
from tests.support.databases import Databases
from tests.support.things import Thing
from webapp.board.bindings import IntegerValueBinding
from webapp.live.binding.binding import Binding
from webapp.live.binding.declaration_check import WrongDeclaration
from webapp.live.binding.refusal import ActionRefused
from webapp.live.contexts import Refusal
from webapp.live.writing import writer as writer_module
from webapp.room_values.bindings import RoomValueBinding

BOARD = ("intval", "intval-updates")
ROOM = ("roomval", "room:1")


class OnBoard(IntegerValueBinding):
    """The board's."""

    stream = "intval"
    template = f"{TEMPLATE}/value"
    update_template = f"{UPDATE}/value"


class InRoom(RoomValueBinding):
    """A room's."""

    stream = "roomval"
    template = f"{TEMPLATE}/room-value"


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [OnBoard(), InRoom()]) as found:
        yield found


async def made(bound: Bound, place: tuple[str, str] = BOARD, **data: Any) -> int:
    return int((await bound.do(*place, "create", **data)).data["pk"])


async def test_an_update_of_which_the_log_does_not_say_what_changed_is_shown_whole(bound: Bound) -> None:
    pages = [await bound.page(BOARD, as_json=as_json).load() for as_json in (False, True)]
    pk = await made(bound, name="a")
    for page in pages:
        await page.open()
        await page.until_shows({"intval": {pk: {"name": "a", "value": "0"}}})
    await bound.one.run("UPDATE integervalue SET value = 5")
    # As the triggers of a former version write it.
    await bound.one.run("UPDATE live_change SET fields = NULL")
    bound.hub.ring(None)
    for page in pages:
        await page.until_shows({"intval": {pk: {"name": "a", "value": "5"}}})
        await page.drop()


async def test_a_row_that_was_away_between_two_looks_is_shown_as_it_came_back(bound: Bound) -> None:
    page = await (await bound.page(BOARD, ROOM).load()).open()
    pk = await made(bound, name="a")
    await page.until_shows({"intval": {pk: {"name": "a", "value": "0"}}, "roomval": {}})
    for sql in ("room_id = 1", "value = 7", "name = 'b'", "room_id = NULL"):
        await bound.one.run(f"UPDATE integervalue SET {sql}")
    bound.hub.ring(None)
    await page.until_shows({"intval": {pk: {"name": "b", "value": "7"}}, "roomval": {}})
    await page.drop()


async def test_a_page_of_two_groups_has_a_place_in_each(bound: Bound) -> None:
    page = await (await bound.page(BOARD, ROOM).load()).open()
    assert page.cursor == "0.0"
    value = await made(bound, name="a")
    other = await made(bound, ROOM, name="b")
    expected = {"intval": {value: {"name": "a", "value": "0"}}, "roomval": {other: {"name": "b", "value": "0"}}}
    await page.until_shows(expected)
    heads = [await bound.log.head(group) for group in page.groups]
    await page.until(lambda page: page.cursor == ".".join(map(str, heads)))
    await page.drop()
    # What it missed in one group comes, and nothing of the other.
    await bound.do(*ROOM, "increment", other, by=3)
    page.frames.clear()
    await page.open()
    expected["roomval"][other]["value"] = "3"
    await page.until_shows(expected)
    await page.until(lambda page: page.cursor == f"{heads[0]}.{heads[1] + 1}")
    assert not any(f"value-{value}-" in frame or 'hx-target="#values"' in frame for frame in page.frames)
    await page.drop()


async def test_a_slow_page_of_two_groups_is_told_what_it_missed_in_each(bound: Bound) -> None:
    slow, quick = [await (await bound.page(BOARD, ROOM).load()).open() for _ in range(2)]
    value, other = await made(bound, name="a"), await made(bound, ROOM, name="b")

    def rows(first: int, second: int) -> dict[str, dict[int, dict[str, str]]]:
        return {
            "intval": {value: {"name": "a", "value": str(first)}},
            "roomval": {other: {"name": "b", "value": str(second)}},
        }

    for page in (slow, quick):
        await page.until_shows(rows(0, 0))
    slow.reads.clear()
    for number in range(1, 4):
        await bound.do(*BOARD, "increment", value)
        await bound.do(*ROOM, "increment", other)
        await quick.until_shows(rows(number, number))
    slow.reads.set()
    await slow.until_shows(rows(3, 3))
    await slow.until(lambda page: page.cursor == quick.cursor)
    for page in (slow, quick):
        await page.drop()


@pytest.mark.parametrize(
    "cursor", ["", "1", "1.2.3", "x.y", ".", "-1.0", "99999999999999.0", "1.1", "0.0", "²." + "9" * 30]
)
async def test_whatever_place_a_page_of_two_groups_names_it_ends_right(bound: Bound, cursor: str) -> None:
    page = await bound.page(BOARD, ROOM).load()
    value, other = await made(bound, name="a"), await made(bound, ROOM, name="b")
    await page.open(resumes=False)
    page.send({"action": "resume", "cursor": cursor})
    await page.until_shows(
        {"intval": {value: {"name": "a", "value": "0"}}, "roomval": {other: {"name": "b", "value": "0"}}}
    )
    await page.drop()


async def test_a_move_between_two_groups_of_one_page_is_seen_in_both(bound: Bound) -> None:
    page = await (await bound.page(BOARD, ROOM).load()).open()
    pk = await made(bound, name="a")
    row = {pk: {"name": "a", "value": "0"}}
    for room, expected in (
        ("1", [{}, row]),
        ("NULL", [row, {}]),
        ("1", [{}, row]),
        ("2", [{}, {}]),
        ("NULL", [row, {}]),
    ):
        await bound.one.run(f"UPDATE integervalue SET room_id = {room}")
        bound.hub.ring(None)
        await page.until_shows(dict(zip(("intval", "roomval"), expected, strict=True)))
    await page.drop()


async def test_what_one_is_refused_is_not_told_to_another(bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "SINGLE_WRITES", 0.0)
    await made(bound, name="taken")

    async def refusing() -> None:
        raise ActionRefused(Refusal("value-new", "full"))

    results = await asyncio.gather(
        bound.writer.run(refusing), *(bound.do(*BOARD, "create", name=str(n)) for n in range(3)), return_exceptions=True
    )
    reasons = [result.refusal.reason for result in results[1:] if isinstance(result, ActionRefused)]
    assert set(reasons) <= {"busy"}, reasons


def test_a_member_that_is_not_there_is_told_at_the_start() -> None:
    with pytest.raises(WrongDeclaration, match="labl"):

        class Wrong(Binding[Thing]):
            model = Thing
            stream = "wrong"
            group = "all"
            fields = ("name",)
            template = "none.html"
            members = ("labl",)


def test_a_binding_that_shows_nothing_is_told_at_the_start() -> None:
    with pytest.raises(WrongDeclaration, match="field"):

        class Empty(Binding[Thing]):
            model = Thing
            stream = "empty"
            group = "all"
            fields = ()
            template = "none.html"
