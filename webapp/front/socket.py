"""The socket of the first page."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from webapp.front.bindings import GROUP
from webapp.front.shown_room import FrontState, room_of
from webapp.live.http import LiveSocket
from webapp.live.protocol import Stream


async def front_streams(websocket: WebSocket[FrontState]) -> Mapping[str, Stream]:
    """WebSocket /new/live: return the stream of the waves, or that of the room that the page shows."""
    state = websocket.state
    room = await room_of(websocket)
    if room is None:
        return {"wave": Stream(state["bindings"]["wave"], GROUP)}
    return {"chat": Stream(state["chat"], room.group)}


class FrontSocket:
    """Counts the visitors of the first page, but no visitor of the first page as one of the room that it shows."""

    def __init__(self) -> None:
        # Strangers' names must not come to a page that everybody sees.
        self._waves = LiveSocket(front_streams, show_people=True, show_names=False)
        self._room = LiveSocket(front_streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket from its handshake to its end."""
        socket = self._room if scope["state"]["front_room"] else self._waves
        await socket(scope, receive, send)
