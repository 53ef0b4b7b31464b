"""The rooms that a browser was in, which it remembers itself: rows of two rooms have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import HTTPConnection
from starlette.responses import Response

from webapp.chat.access import standing_of, visitor_key
from webapp.chat.contexts import OwnRoom
from webapp.chat.labels import label_of
from webapp.chat.models import Room, RoomReader
from webapp.chat.reading import KEPT, unread_of
from webapp.live.http import is_secure
from webapp.live.visitor import Visitor
from webapp.live.writing import Writer

COOKIE = "rooms"
"""The cookie with the labels of the rooms, the last one first. Over https its name begins with `__Host-`."""

REMEMBERED = 8
"""Rooms that a browser remembers, at most."""

LONGEST = 1000
"""Bytes of the cookie, at most: letters beyond ASCII take up to nine bytes each."""


def remember_room(response: Response, connection: HTTPConnection[Any], room: Room) -> None:
    """Have the browser remember that it was in a room, unless that is the last one that it knows of."""
    known = _labels_of(connection)
    if known[:1] == [room.label]:
        return
    labels = [room.label, *(label for label in known if label != room.label)][:REMEMBERED]
    while len(value := ":".join(quote(label, safe="") for label in labels)) > LONGEST:
        labels.pop()
    response.set_cookie(
        _cookie_of(connection),
        value,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(connection),
    )


async def rooms_of(connection: HTTPConnection[Any], visitor: Visitor) -> Sequence[OwnRoom]:
    """Return the rooms that a visitor's browser remembers and that the visitor may still see, the last one first."""
    labels = _labels_of(connection)
    rooms = {room.label: room for room in await Room.filter(label__in=labels)} if labels else {}
    return [
        OwnRoom(room, unread.count if (unread := await unread_of(room, visitor)) else 0)
        for label in labels
        if (room := rooms.get(label)) is not None and (await standing_of(visitor, room.id)).may_see
    ]


async def forget_rooms(response: Response, connection: HTTPConnection[Any], visitor: Visitor, writer: Writer) -> None:
    """Have the browser forget its rooms, and forget how far the visitor has read in them.

    Raises:
        Exception: The database failed.
    """
    labels = _labels_of(connection)
    if labels:
        ids = [room.id for room in await Room.filter(label__in=labels).only("id")]
        keys = [visitor_key(room_id, visitor.id) for room_id in ids]
        await writer.run(RoomReader.filter(visitor__in=keys).delete)
    forget_cookie(response, connection)


def forget_cookie(response: Response, connection: HTTPConnection[Any]) -> None:
    """Have the browser forget its rooms."""
    response.delete_cookie(_cookie_of(connection), httponly=True, samesite="lax", secure=is_secure(connection))


def _labels_of(connection: HTTPConnection[Any]) -> list[str]:
    """Return the labels in the cookie, which anybody may have written."""
    texts = connection.cookies.get(_cookie_of(connection), "")[:LONGEST].split(":")
    labels = dict.fromkeys(unquote(text) for text in texts[:REMEMBERED] if text)
    return [label for label in labels if label_of(label, ()) == label]


def _cookie_of(connection: HTTPConnection[Any]) -> str:
    return f"__Host-{COOKIE}" if is_secure(connection) else COOKIE
