"""Coming back: whatever cursor a page sends, it ends up showing what its room holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.contract.pages import shows
from tests.support.app_server import AppServer
from tests.support.database_shell import messages, room_id, shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

AFRESH = 'hx-target="#log"'
CURSOR = 'hx-target="#cursor"'
BANNER = 'hx-target="#banner"'


def says(*texts: str) -> Callable[[PageModel], bool]:
    return lambda page: page.texts() == list(texts)


async def write(server: AppServer, sql: str) -> None:
    await asyncio.to_thread(shell, server.database, sql)


async def set_cursor(client: LiveClient, value: str) -> None:
    element = client.page.document.by_id("cursor")
    assert element is not None
    element.set("value", value)


async def test_a_resume_at_the_head_gets_one_frame_that_clears_the_banner(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "hi")
        await ann.until(says("hi"))
        await ann.drop()
        ann.frames.clear()
        await ann.reconnect()
        await ann.until(lambda _: bool(ann.frames))
        await ann.say("ann", "next")
        await ann.until(says("hi", "next"))
        assert [BANNER in frame for frame in ann.frames].count(True) == 1
        assert BANNER in ann.frames[0]
        assert "message-" not in ann.frames[0]


async def made_by_a_program(server: AppServer, room: str) -> None:
    """Make a room that nobody owns: in its group nothing has ever changed."""
    await write(server, f"INSERT INTO room (name, label) VALUES ('{room}', '{room}')")


async def test_an_empty_room_has_the_cursor_0_and_catches_up_from_it(server: AppServer, room: str) -> None:
    await made_by_a_program(server, room)
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        assert bob.page.cursor == "0"
        await bob.drop()
        await ann.say("ann", "first")
        await ann.until(says("first"))
        await bob.reconnect()
        await bob.until(says("first"))
        assert bob.page.cursor == ann.page.cursor != "0"


async def test_an_empty_room_that_stays_empty_clears_the_banner(server: AppServer, room: str) -> None:
    await made_by_a_program(server, room)
    async with LiveClient(server.url, room) as ann:
        await ann.until(lambda _: bool(ann.frames))
        assert ann.page.text_of("banner") == ""
        assert ann.page.cursor == "0"


async def test_edits_and_deletes_are_caught_up_with(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        for text in ("one", "two", "three"):
            await ann.say("ann", text)
        await ann.until(says("one", "two", "three"))
        await ann.drop()
        here = room_id(server.database, room)
        await write(server, f"UPDATE message SET message = 'edited' WHERE message = 'one' AND room_id = {here}")
        await write(server, f"DELETE FROM message WHERE message = 'two' AND room_id = {here}")
        await ann.reconnect()
        await ann.until(says("edited", "three"))
        assert not any(AFRESH in frame for frame in ann.frames)


async def test_who_missed_more_than_500_changes_gets_the_list_afresh(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "before")
        await ann.until(says("before"))
        await ann.drop()
        values = ", ".join(f"({room_id(server.database, room)}, 'bob', 'number {n}')" for n in range(501))
        await write(server, f"INSERT INTO message (room_id, handle, message) VALUES {values}")
        await ann.reconnect()
        await ann.until(says(*(f"number {n}" for n in range(451, 501))))
        assert sum(AFRESH in frame for frame in ann.frames) == 1
        await ann.say("ann", "after")
        await ann.until(lambda page: page.texts()[-1] == "after")


async def test_who_missed_just_500_changes_keeps_what_the_page_has(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "before")
        await ann.until(says("before"))
        await ann.drop()
        values = ", ".join(f"({room_id(server.database, room)}, 'bob', 'number {n}')" for n in range(500))
        await write(server, f"INSERT INTO message (room_id, handle, message) VALUES {values}")
        await ann.reconnect()
        await ann.until(says("before", *(f"number {n}" for n in range(500))))


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "0", "1", "-1", "999999999999999999", "9999999999999999999999", "1e3", "0x10", "٣", "½", " 57", "57.58"),
        *("...", "null", "<b>", "\u0000", "57 OR 1=1", "a" * 5000),
    ],
)
async def test_a_cursor_that_means_nothing_here_gets_the_list_afresh(server: AppServer, room: str, cursor: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("ann", "hi")
        await ann.until(says("hi"))
        await bob.until(says("hi"))
        await bob.drop()
        bob.frames.clear()
        resume = {**bob.page.fields("cursor"), "cursor": cursor}
        await set_cursor(bob, "0")
        await bob.reconnect()
        await bob.until(lambda _: bool(bob.frames))
        bob.frames.clear()
        await bob.send(resume)
        await bob.until(lambda page: bool(bob.frames) and page.cursor == ann.page.cursor)
        assert AFRESH in bob.frames[0]
        assert bob.page.texts() == ["hi"]


@pytest.mark.parametrize("cursor", [57, None, True, ["57"], {"a": 1}, 5.7])
async def test_a_cursor_that_is_no_text_gets_the_list_afresh(server: AppServer, room: str, cursor: object) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "hi")
        await ann.until(says("hi"))
        ann.frames.clear()
        await ann.send({"action": "resume", "cursor": cursor})  # type: ignore[dict-item]
        await ann.until(lambda _: bool(ann.frames))
        assert AFRESH in ann.frames[0]


async def test_a_cursor_of_a_lost_database_gets_the_list_afresh(serve: Callable[..., AppServer], room: str) -> None:
    server = serve()
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "of the old database")
        await ann.until(says("of the old database"))
        await ann.drop()
        await asyncio.to_thread(server.stop)
        for file in server.directory.glob("webapp.sqlite3*"):
            file.unlink()
        await asyncio.to_thread(server.start)
        async with LiveClient(server.url, room) as bob:
            await bob.say("bob", "of the new one")
            await bob.until(says("of the new one"))
            await ann.reconnect()
            await ann.until(says("of the new one"))


async def test_a_message_that_waited_is_sent_before_the_resume_and_both_work(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.drop()
        await bob.say("bob", "while away")
        await bob.until(says("while away"))
        await ann.say("ann", "waited")
        nonce = ann.page.fields("nonce")["nonce"]
        await ann.reconnect()
        for each in (ann, bob):
            await each.until(says("while away", "waited"))
        await ann.until(lambda page: page.fields("nonce")["nonce"] != nonce)
        assert ann.page.cursor == bob.page.cursor


async def test_a_message_after_the_resume_works_as_well(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.drop()
        await bob.say("bob", "while away")
        await bob.until(says("while away"))
        await ann.reconnect()
        await ann.say("ann", "after")
        for each in (ann, bob):
            await each.until(says("while away", "after"))


async def test_a_page_that_has_not_resumed_gets_live_frames_without_a_cursor(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.drop()
        before = ann.page.cursor
        await bob.say("bob", "missed")
        await bob.until(says("missed"))
        resume = ann.page.fields("cursor")
        ann.page.fields = lambda name: {"action": "nothing"}  # type: ignore[method-assign]
        ann.frames.clear()
        await ann.reconnect()
        del ann.page.fields
        await ann.until(lambda _: bool(ann.frames))
        await bob.say("bob", "live")
        await ann.until(says("live"))
        assert ann.page.cursor == before
        assert not any(CURSOR in frame for frame in ann.frames)
        await ann.send(resume)
        await ann.until(says("missed", "live"))
        await ann.until(lambda page: page.cursor == bob.page.cursor)


async def test_two_resumes_at_once_leave_the_page_right(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.drop()
        resume = ann.page.fields("cursor")
        for number in range(20):
            await bob.say("bob", f"number {number}")
        await bob.until(lambda page: len(page.texts()) == 20)
        await ann.reconnect()
        await ann.send({**resume, "cursor": bob.page.cursor})
        await ann.send(resume)
        rows = messages(server.database, room)
        await ann.until(lambda page: shows(page, rows))
