"""The streams of a room's socket."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.websockets import WebSocket

from webapp.chat.rooms import enter
from webapp.chat.state import ChatState, asked_label
from webapp.live.protocol import Stream


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
    )
    state["visits"].note(room, state["live"].writer)
    bindings = [state["chat"], *(extension.binding for extension in state["room_extensions"])]
    return {binding.stream: Stream(binding, room.group) for binding in bindings}
