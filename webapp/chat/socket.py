"""A room's socket."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from webapp.chat.rooms import enter
from webapp.chat.state import ChatState, asked_label
from webapp.live.sockets import Connection, Stream
from webapp.live.subscriber import WRITE_EXTENSION


class RoomSocket:
    """WebSocket /{label}/live. A plain ASGI app, so that an idle socket keeps none of the framework's objects."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, from its handshake to its end."""
        try:
            connection = await self._open(scope, receive, send)
        except HTTPException:
            # Not a page that says so: uvicorn takes a response in the place of a handshake for a fault of the app.
            await send({"type": "websocket.close", "code": 4404, "reason": ""})
        else:
            await connection.run(receive)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> Connection:
        websocket: WebSocket[ChatState] = WebSocket(scope, receive, send)
        state = websocket.state
        room = await enter(asked_label(websocket), state["live"].writer)
        visitor = state["visitors"].of(websocket)
        await websocket.accept()
        streams = {"chat": Stream(state["chat"], room.group)}
        return Connection(state["live"], streams, visitor, send, scope["extensions"].get(WRITE_EXTENSION))
