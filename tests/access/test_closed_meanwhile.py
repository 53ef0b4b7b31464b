"""A room that is closed while a page of it is being made: the page shows nothing that came after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_process import asked_in_process
from webapp.chat.access import RoomPolicy
from webapp.chat.models import Message, Room
from webapp.search import pages as search

Read = Callable[..., Awaitable[Any]]


def closing(read: Read, room: Room) -> Read:
    """Return `read`, changed so that somebody closes the room right before it, and says something inside."""

    async def changed(*arguments: Any, **options: Any) -> Any:
        await RoomPolicy.update_or_create({"passphrase": "a hash that no passphrase has"}, room_id=room.id)
        await Message.create(room_id=room.id, handle="ann", message="between us")
        await Message.filter(room_id=room.id, message="hello").update(message="between us")
        return await read(*arguments, **options)

    return changed


PATHS = ["", "messages", "?at={id}", "?reply={id}", "messages?at={id}", "messages?after=0", "messages/{id}"]


@pytest.mark.parametrize("path", [*PATHS, "messages/{id}/reply", "search?by=ann", "feed"])
async def test_no_page_shows_what_was_said_after_its_reader_lost_the_right_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async with asked_in_process(tmp_path) as http:
        await http.get("/studio/")
        room = await Room.get(label="studio")
        message = await Message.create(room_id=room.id, handle="ann", message="hello")
        url = f"/studio/{path.format(id=message.id)}"
        # A visitor who owns nothing.
        http.cookies.clear()
        before = await http.get(url)
        assert before.status_code == 200
        assert "hello" in before.text
        readers = [(Room, "page"), (Room, "around"), (Message, "get_or_none"), (search, "find_messages")]
        for owner, name in readers:
            monkeypatch.setattr(owner, name, closing(getattr(owner, name), room))
        http.cookies.clear()
        after = await http.get(url)
        assert after.status_code == 403
        assert "between us" not in after.text
