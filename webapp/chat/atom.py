"""The newest messages of a room as an Atom feed (RFC 4287), for feed readers and other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp.chat.access import standing_of
from webapp.chat.contexts import FeedEntry
from webapp.chat.inviting import link_to
from webapp.chat.models import Message, Room
from webapp.chat.rooms import find
from webapp.chat.state import ChatState, asked_label
from webapp.live.fanout import without_broken
from webapp.web import absolute_url

ATOM: Final = "http://www.w3.org/2005/Atom"

TITLE = 80
"""Characters of a message in the title of its entry, at most."""

_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold. Another program may have written them."""


async def feed(request: Request[ChatState]) -> Response:
    """GET /{label}/feed: the newest messages, newest first.

    A reader that has the newest version already gets 304.

    Raises:
        HTTPException: 403: the visitor may not see the room.
    """
    state = request.state
    room = await find(asked_label(request))
    # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
    headers = {"ETag": f'W/"{await state["live"].hub.log.head(room.group)}"', "Cache-Control": "private, no-cache"}
    is_known = request.headers.get("If-None-Match") == headers["ETag"]
    messages = [] if is_known else (await state["chat"].page(room)).messages
    # If access were checked before the rows were read, they could be newer than the rights.
    if not (await standing_of(state["visitors"].of(request), room.id)).may_see:
        raise HTTPException(403)
    if is_known:
        return Response(status_code=304, headers=headers)
    templates = state["templates"]
    document = await without_broken(
        state["chat"], room.group, messages, templates.render, lambda shown: _document(request, room, shown)
    )
    return Response(document, media_type="application/atom+xml", headers=headers)


def _document(request: Request[ChatState], room: Room, messages: Sequence[Message]) -> bytes:
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    link = absolute_url(request, room.path)
    _add(root, "id", link)
    _add(root, "title", room.name)
    newest = max((_changed(message) for message in messages), default=room.visited_at or datetime.now(UTC))
    _add(root, "updated", newest.isoformat())
    _add(root, "link", href=link)
    _add(root, "link", rel="self", href=absolute_url(request, f"{room.path}feed"))
    for message in reversed(messages):
        _add_entry(request, root, room, message)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(request: Request[ChatState], root: ET.Element, room: Room, message: Message) -> None:
    entry = _add(root, "entry")
    link = link_to(request, room, message)
    text = " ".join(message.message.split())
    _add(entry, "id", link)
    _add(entry, "title", text if len(text) <= TITLE else f"{text[: TITLE - 1]}…")
    _add(_add(entry, "author"), "name", message.handle)
    _add(entry, "published", message.timestamp.isoformat())
    _add(entry, "updated", _changed(message).isoformat())
    _add(entry, "link", href=link)
    _add(entry, "content", request.state["templates"].render("chat/_entry.html", FeedEntry(message)), type="html")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = _UNWRITABLE.sub("", text) or None
    return element


def _changed(message: Message) -> datetime:
    return message.edited_at or message.timestamp
