"""The streams of a room's socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket

from webapp.chat.access import door_group, owners_group, standing_of, visitor_key
from webapp.chat.contexts import RoomClosed
from webapp.chat.rooms import enter, find
from webapp.chat.state import ChatState, asked_label
from webapp.live.binding import Reply
from webapp.live.protocol import Stream
from webapp.live.visitor import Visitor

CLOSED = Reply("chat/_closed.html", RoomClosed(), error={"reason": "forbidden"})
"""The reply to a visitor who may not see the room, or no longer."""


async def room_streams(websocket: WebSocket[ChatState]) -> Mapping[str, Stream]:
    """WebSocket /{label}/live: return the streams of the messages and of the extensions.

    Raises:
        HTTPException: 404: the URL has no label. 429: too many rooms were made from the visitor's network.
    """
    state = websocket.state
    room = await enter(
        asked_label(websocket),
        state["live"].writer,
        # Most rooms are there already, and to recognise a visitor costs the check of a signature.
        lambda: state["room_limit"].hit(state["visitors"].of(websocket)),
        owner=state["visitors"].of_cookie(websocket),
    )
    state["visits"].note(room, state["live"].writer)
    chat = state["chat"]
    streams = {chat.stream: Stream(chat, room.group)}
    for extension in state["room_extensions"]:
        streams[extension.binding.stream] = Stream(extension.binding, room.group, chat.require_may_change)
    if (await standing_of(state["visitors"].of(websocket), room.id)).may_moderate:
        streams["knock"] = Stream(state["bindings"]["knock"], owners_group(room.id))
    return streams


def note_leave(state: Mapping[str, Any], visitor: Visitor, group: str) -> None:
    """Note that a visitor has left a room."""
    state["leaves"].note(state["chat"].room_id(group), visitor, state["live"].writer)


async def door_streams(websocket: WebSocket[ChatState]) -> Mapping[str, Stream]:
    """WebSocket /{label}/door/live: return the stream of what became of the visitor's request to be let in.

    Raises:
        HTTPException: 404: there is no such room, or the cookie names no visitor.
    """
    room = await find(asked_label(websocket))
    visitor = websocket.state["visitors"].of_cookie(websocket)
    if not room.id or visitor is None:
        raise HTTPException(404)
    group = door_group(room.id, visitor_key(room.id, visitor.id))
    return {"door": Stream(websocket.state["bindings"]["door"], group)}
