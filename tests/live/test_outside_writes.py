"""Whoever writes a row, and by whatever statement, the pages that are open show it within two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.support.app_server import AppServer
from tests.support.database_shell import room_id, shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import within
from webapp.chat.models import Message
from webapp.db import connected

PROMISED = 2.0


def says(*texts: str) -> Callable[[PageModel], bool]:
    return lambda page: page.texts() == list(texts)


WRITES = {
    "insert": ("INSERT INTO message (room_id, handle, message) VALUES ({room}, 'bob', 'three')", "one two three"),
    "insert of many": (
        "INSERT INTO message (room_id, handle, message) SELECT room_id, 'bob', message FROM message"
        " WHERE room_id = {room} ORDER BY id",
        "one two one two",
    ),
    "update": ("UPDATE message SET message = 'eins' WHERE message = 'one' AND room_id = {room}", "eins two"),
    "update of all": ("UPDATE message SET message = message || '!' WHERE room_id = {room}", "one! two!"),
    "delete": ("DELETE FROM message WHERE message = 'one' AND room_id = {room}", "two"),
    "delete of all": ("DELETE FROM message WHERE room_id = {room}", ""),
    "a row that leaves": ("UPDATE message SET room_id = 0 WHERE message = 'one' AND room_id = {room}", "two"),
    "a changed key": ("UPDATE message SET id = 100000 + id WHERE message = 'one' AND room_id = {room}", "two one"),
    "replace": (
        "REPLACE INTO message (id, room_id, handle, message) SELECT id, room_id, handle, 'eins' FROM message"
        " WHERE message = 'one' AND room_id = {room}",
        "eins two",
    ),
    "replace by another room's": (
        "REPLACE INTO message (id, room_id, handle, message) SELECT id, 0, handle, 'eins' FROM message"
        " WHERE message = 'one' AND room_id = {room}",
        "two",
    ),
    "insert that is ignored, and one that is not": (
        "INSERT OR IGNORE INTO message (id, room_id, handle, message) SELECT id, room_id, handle, 'eins' FROM message"
        " WHERE room_id = {room}; INSERT INTO message (room_id, handle, message) VALUES ({room}, 'bob', 'three')",
        "one two three",
    ),
    "rollback, and a commit": (
        "BEGIN; DELETE FROM message; ROLLBACK; BEGIN;"
        " INSERT INTO message (room_id, handle, message) VALUES ({room}, 'bob', 'three'); COMMIT",
        "one two three",
    ),
}


@pytest.mark.parametrize("kind", WRITES)
async def test_what_the_sqlite3_program_writes_is_on_the_page(server: AppServer, room: str, kind: str) -> None:
    sql, expected = WRITES[kind]
    async with LiveClient(server.url, room) as ann:
        for text in ("one", "two"):
            await ann.say("ann", text)
        await ann.until(says("one", "two"))
        here = await asyncio.to_thread(room_id, server.database, room)
        await asyncio.to_thread(shell, server.database, sql.format(room=here))
        await ann.until(says(*expected.split()), within(PROMISED))


async def test_a_row_that_comes_from_another_room_is_at_its_place(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, f"{room}-other") as bob:
        await bob.say("bob", "one")
        await bob.until(says("one"))
        await ann.say("ann", "two")
        await ann.until(says("two"))
        here = await asyncio.to_thread(room_id, server.database, room)
        there = await asyncio.to_thread(room_id, server.database, f"{room}-other")
        await asyncio.to_thread(shell, server.database, f"UPDATE message SET room_id = {here} WHERE room_id = {there}")
        await ann.until(says("one", "two"), within(PROMISED))
        await bob.until(says(), within(PROMISED))


async def test_what_the_orm_of_another_process_writes_is_on_the_page(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, connected(f"sqlite://{server.database}"):
        here = await asyncio.to_thread(room_id, server.database, room)
        message = await Message.create(room_id=here, handle="bob", message="one")
        await ann.until(says("one"), within(PROMISED))
        await Message.bulk_create([Message(room_id=here, handle="bob", message=text) for text in ("two", "three")])
        await ann.until(says("one", "two", "three"), within(PROMISED))
        await Message.filter(room_id=here, message="two").update(message="zwei")
        await ann.until(says("one", "zwei", "three"), within(PROMISED))
        message.message = "eins"
        await message.save()
        await ann.until(says("eins", "zwei", "three"), within(PROMISED))
        await message.delete()
        await ann.until(says("zwei", "three"), within(PROMISED))


async def test_a_room_that_is_deleted_and_comes_back_does_not_break_its_pages(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "one")
        await ann.until(says("one"))
        await asyncio.to_thread(
            shell, server.database, f"PRAGMA foreign_keys = ON; DELETE FROM room WHERE label = '{room}'"
        )
        await ann.until(says(), within(PROMISED))
        await ann.say("ann", "is anybody here?")
        await ann.until(lambda page: "gone" in page.text_of("composer-error"))
        ann.frames.clear()
        await ann.send({"action": "resume", "cursor": "nonsense"})
        await ann.until(lambda _: bool(ann.frames))
        await ann.drop()
        await ann.reconnect()
        await ann.say("ann", "again")
        await ann.until(says("again"))
