"""/set, /inc and /unset in a room: over the socket and by the plain form, with others at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.board_values import at_home, board_values, room_values
from tests.support.bound import Bound, bound_to
from tests.support.database_shell import room_id, shell
from tests.support.databases import Databases
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE
from webapp.board.bindings import IntegerValueBinding
from webapp.board.models import HIGHEST, LOWEST, IntegerValue
from webapp.live.binding.refusal import ActionRefused
from webapp.live.writing.writer import Writer
from webapp.room_values.bindings import RoomValueBinding
from webapp.room_values.commands import commands

ERROR = "composer-error"


def has(**values: int) -> Callable[[PageModel], bool]:
    """Whether the room's page shows just these values, in the order of their making."""
    return lambda page: list(room_values(page).items()) == list(values.items())


async def refused(client: LiveClient, line: str) -> str:
    """Write it, and give what the sender is told beside the form."""
    client.frames.clear()
    nonce = client.page.fields("composer")["nonce"]
    await client.say("ann", line)
    await client.until(lambda page: bool(page.text_of(ERROR)) and any(ERROR in each for each in client.frames))
    assert client.page.fields("composer")["message"] == line
    assert client.page.fields("composer")["nonce"] == nonce
    told = client.page.text_of(ERROR)
    # As its writer would, before the next.
    box = client.page.document.by_id("message")
    assert box is not None
    box.set("value", "")
    return told


async def test_what_is_set_is_in_every_header_and_no_message(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("ann", "/set score 3")
        await bob.until(has(score=3))
        await bob.say("bob", "/inc score")
        await ann.until(has(score=4))
        await ann.say("ann", "/inc score 10")
        await bob.until(has(score=14))
        await ann.say("ann", "/inc score -20")
        await bob.until(has(score=-6))
        await bob.say("bob", "/inc new")
        await ann.until(has(score=-6, new=1))
        await ann.say("ann", "/set two words 7")
        await bob.until(has(**{"score": -6, "new": 1, "two words": 7}))
        await ann.say("ann", "/set score 0")
        await bob.say("bob", "/unset two words")
        for page in (ann, bob):
            await page.until(has(score=0, new=1))
            assert page.page.text_of(ERROR) == ""
            assert page.page.texts() == []
        await ann.drop()
        await ann.load()
        assert has(score=0, new=1)(ann.page)


async def test_the_plain_form_does_the_same(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        http = httpx.AsyncClient(base_url=server.url)
        async with http:
            for line in ("/set score 3", "/inc score 4", "/inc other", "/unset other"):
                answer = await http.post(f"/{room}/", data={"handle": "bob", "message": line})
                assert answer.status_code == 303
            await ann.until(has(score=7))
            for line in ("/set score", "/inc", "/unset nothing", "/set score 1.5", f"/inc score {HIGHEST}"):
                answer = await http.post(f"/{room}/", data={"handle": "bob", "message": line})
                assert answer.status_code == 422
                shown = PageModel(answer.text)
                assert shown.text_of(ERROR)
                assert shown.fields("composer")["message"] == line
                assert room_values(shown) == {"score": 7}
        assert ann.page.texts() == []


async def test_a_wrong_use_is_told_to_its_writer_and_changes_nothing(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "/set score 3")
        await ann.until(has(score=3))
        wrong = ["/set", "/set score", "/set 3", "/set score x", "/set score 1.5", "/inc", "/unset", "/unset nothing"]
        wrong += [f"/set score {HIGHEST + 1}", f"/set score {LOWEST - 1}", "/inc score +-3", f"/set {'x' * 101} 1"]
        wrong += [f"/inc score {HIGHEST}", "/set score --1"]
        for line in wrong:
            assert await refused(ann, line), line
        assert has(score=3)(ann.page)
        await ann.say("ann", "done")
        await ann.until(lambda page: page.texts() == ["done"] and page.text_of(ERROR) == "")


async def test_what_only_looks_like_a_command_is_said(server: AppServer, room: str) -> None:
    said = [
        "/usr/bin/env",
        "set score 3",
        "/ set score 3",
        "//",
        "/5",
        "/me/x",
        "// later",
        "//usr/bin",
        "/set.score 3",
    ]
    async with LiveClient(server.url, room) as ann:
        for text in said:
            await ann.say("ann", text)
        await ann.until(lambda page: page.texts() == said)
        assert room_values(ann.page) == {}


async def test_a_command_of_markup_shows_its_name_as_text(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "/set <b>&'\" 3")
        await ann.until(has(**{"<b>&'\"": 3}))


async def test_a_room_has_room_for_twenty(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        for number in range(20):
            await ann.say("ann", f"/set v{number} {number}")
        await ann.until(lambda page: len(room_values(page)) == 20)
        assert await refused(ann, "/set one-more 1")
        await ann.say("ann", "/inc v3")
        await ann.until(lambda page: room_values(page)["v3"] == 4)
        await ann.say("ann", "/unset v3")
        await ann.say("ann", "/set one-more 1")
        await ann.until(lambda page: room_values(page).get("one-more") == 1)


async def test_commands_count_as_messages(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT="3/2 days")
    async with LiveClient(server.url, room) as ann:
        for line in ("/set a 1", "/inc a", "/inc a"):
            await ann.say("ann", line)
        await ann.until(has(a=3))
        assert "lot at once" in await refused(ann, "/inc a")
        answer = await ann.http.post(f"/{room}/", data={"message": "/unset a"})
        assert answer.status_code == 422
        assert has(a=3)(PageModel(answer.text))


async def test_many_press_and_name_at_once_and_nothing_is_lost(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        for number in range(60):
            await (ann, bob)[number % 2].say("ann", f"/inc {'ab'[number % 4 // 2]}")
        await bob.until(lambda page: room_values(page) == {"a": 30, "b": 30})
        await ann.until(lambda page: room_values(page) == {"a": 30, "b": 30})
        assert ann.page.text_of(ERROR) == bob.page.text_of(ERROR) == ""


async def test_a_value_that_moves_is_seen_where_it_was_and_where_it_is(server: AppServer, room: str) -> None:
    other = f"{room}-other"
    name = f"mover of {room}"
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, other) as bob, at_home(server) as board:
        await ann.say("ann", f"/set {name} 3")
        await ann.until(has(**{name: 3}))
        there = await asyncio.to_thread(room_id, server.database, other)
        for place in (str(there), "NULL"):
            sql = f"UPDATE integervalue SET room_id = {place}, value = value + 1 WHERE name = '{name}'"
            await asyncio.to_thread(shell, server.database, sql)
            await ann.until(has())
            await bob.until(has(**({name: 4} if place != "NULL" else {})))
        await board.until(lambda page: board_values(page).get(name) == 5)
        here = await asyncio.to_thread(room_id, server.database, room)
        await asyncio.to_thread(
            shell, server.database, f"UPDATE integervalue SET room_id = {here} WHERE name = '{name}'"
        )
        await ann.until(has(**{name: 5}))
        await board.until(lambda page: name not in board_values(page))


async def test_in_a_room_that_is_gone_nothing_is_set(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "/set score 3")
        await ann.until(has(score=3))
        sql = f"PRAGMA foreign_keys = ON; DELETE FROM room WHERE label = '{room}'"
        await asyncio.to_thread(shell, server.database, sql)
        await ann.until(has())
        for line in ("/set score 3", "/inc score", "/unset score"):
            told = await refused(ann, line)
            assert "room is gone" in told, line
        await ann.drop()
        await ann.reconnect()
        await ann.say("ann", "/set score 1")
        await ann.until(has(score=1))


class InRoom(RoomValueBinding):
    """A room's."""

    stream = "roomval"


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [InRoom(), IntegerValueBinding()]) as found:
        yield found


async def test_at_two_processes_too_a_new_name_is_made_once_and_no_press_is_lost(bound: Bound) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    known = commands(values)
    before = bound.deadlocks()
    other = Writer(bound.hub.ring)
    async with other.working(), asyncio.timeout(PATIENCE):
        lives = (bound.live, bound.with_writer(other))
        # Crosswise: who locked in the order of coming would wait for each other.
        names = (["a", "b", "c"], ["c", "b", "a"])
        results = await asyncio.gather(
            *(
                known["inc"](bound.inbound("roomval", "room:1", None, lives[n % 2]), name)
                for n in range(100)
                for name in names[n % 2]
            ),
            *(known["set"](bound.inbound("roomval", "room:2", None, lives[n % 2]), "a 7") for n in range(10)),
            return_exceptions=True,
        )
    assert [result for result in results if result is not None] == []
    assert bound.deadlocks() == before
    rows = await IntegerValue.all().order_by("room_id", "name")
    assert [(row.room_id, row.name, row.value) for row in rows] == [
        (1, "a", 100),
        (1, "b", 100),
        (1, "c", 100),
        (2, "a", 7),
    ]


async def test_who_finds_a_new_name_just_taken_adds_to_it(bound: Bound) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    await bound.one.run("BEGIN" if bound.kind == "postgres" else "BEGIN IMMEDIATE")
    await bound.one.run("INSERT INTO integervalue (name, value, room_id) VALUES ('a', 5, 1)")
    adding = asyncio.ensure_future(commands(values)["inc"](bound.inbound("roomval", "room:1"), "a"))
    # Until it waits for what is not committed; were it slower, it would find the name there, which is as good.
    await asyncio.sleep(0.3)
    await bound.one.run("COMMIT")
    await adding
    assert (await IntegerValue.get(name="a")).value == 6


async def test_adding_stays_within_64_bits(bound: Bound) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    do = {word: partial(command, bound.inbound("roomval", "room:1")) for word, command in commands(values).items()}
    for start, by, end in ((HIGHEST, 1, HIGHEST), (LOWEST, -1, LOWEST), (HIGHEST, LOWEST, -1), (-1, LOWEST, -1)):
        await do["set"](f"a {start}")
        if start == end:
            with pytest.raises(ActionRefused) as caught:
                await do["inc"](f"a {by}")
            (problem,) = caught.value.refusal.problems
            assert (problem.field, problem.reason) == ("value", "too_large" if by > 0 else "too_small")
        else:
            await do["inc"](f"a {by}")
        row = await IntegerValue.get(name="a")
        assert row.value == end


@pytest.mark.parametrize(
    ("there", "lines", "end"),
    [
        ({"player 1": 3}, ["player 1"], {"player 1": 4}),
        ({"player 1": 3, "player": 7}, ["player 1"], {"player 1": 4, "player": 7}),
        ({"player 1": 3}, ["player 1 5"], {"player 1": 8}),
        ({"player": 7}, ["player 1", "player −3", "player\t +1"], {"player": 6}),
        ({}, ["player 2", "player 2"], {"player": 4}),
        ({}, ["player  one", "player one"], {"player one": 2}),
        ({"version 1.5": 1}, ["version 1.5"], {"version 1.5": 2}),
        ({"player 1": 3}, ["player ١"], {"player 1": 3, "player": 1}),
        ({}, ["7", "\u200bseven", "seven"], {"7": 1, "seven": 2}),
        ({"x" * 100: 1}, [f"{'x' * 100} 5"], {"x" * 100: 6}),
    ],
)
async def test_a_number_at_the_end_is_a_names_if_there_is_that_name(
    bound: Bound, there: dict[str, int], lines: list[str], end: dict[str, int]
) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    for name, value in there.items():
        await IntegerValue.create(room_id=1, name=name, value=value)
    for line in lines:
        await commands(values)["inc"](bound.inbound("roomval", "room:1"), line)
    assert {row.name: row.value for row in await IntegerValue.all()} == end


async def test_while_the_longer_name_is_being_made_and_deleted_each_press_counts_once(bound: Bound) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    do = {word: partial(command, bound.inbound("roomval", "room:1")) for word, command in commands(values).items()}
    await do["set"]("player 0")
    other = Writer(bound.hub.ring)
    before = bound.deadlocks()
    async with other.working(), asyncio.timeout(60):
        lives = (bound.live, bound.with_writer(other))

        async def press(number: int) -> None:
            await commands(values)["inc"](bound.inbound("roomval", "room:1", None, lives[number % 2]), "player 1")

        await asyncio.gather(*(press(number) for number in range(40)), do["set"]("player 1 0"))
        await asyncio.gather(*(press(number) for number in range(40)))
    assert bound.deadlocks() == before
    rows = {row.name: row.value for row in await IntegerValue.all()}
    assert rows.keys() == {"player", "player 1"}
    assert sum(rows.values()) == 80
    assert rows["player 1"] >= 40


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("temp −3", -3),
        ("temp –3", -3),
        ("temp －１２", -12),
        ("temp ٣", 3),
        ("temp +5", 5),
        ("  temp \t 5 ", 5),
        ("temp\u00a05", 5),
        ("temp 1,000,000", 1_000_000),
        ("temp -1\u202f000", -1000),
    ],
)
async def test_a_number_is_taken_as_people_write_it(bound: Bound, line: str, value: int) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    await commands(values)["set"](bound.inbound("roomval", "room:1"), line)
    assert {row.name: row.value for row in await IntegerValue.all()} == {"temp": value}


@pytest.mark.parametrize(
    "line", ["score 1.5", "score +-3", "score --1", "score 1,00", f"score {HIGHEST + 1}", "score " + "9" * 5000]
)
async def test_what_is_no_whole_number_makes_no_value(bound: Bound, line: str) -> None:
    values = bound.bindings["roomval"]
    assert isinstance(values, InRoom)
    await IntegerValue.create(room_id=1, name="score", value=3)
    for word in ("set", "inc"):
        with pytest.raises(ActionRefused):
            await commands(values)[word](bound.inbound("roomval", "room:1"), line)
    assert {row.name: row.value for row in await IntegerValue.all()} == {"score": 3}
