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
        HTTPException: 404: the URL has no label.
    """
    state = websocket.state
    room = await enter(asked_label(websocket), state["live"].writer)
    state["visits"].note(room, state["live"].writer)
    bindings = [state["chat"], *(extension.binding for extension in state["room_extensions"])]
    return {binding.stream: Stream(binding, room.group) for binding in bindings}
