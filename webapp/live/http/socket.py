"""A page's socket, from its handshake to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from webapp.live.fanout.json_messages import SUBPROTOCOL
from webapp.live.fanout.subscriber import WRITE_EXTENSION
from webapp.live.protocol.connection import Connection
from webapp.live.protocol.engine import Stream

StreamsOf = Callable[[WebSocket[Any]], Awaitable[Mapping[str, Stream]]]
"""The streams of the page that a handshake is for. Raises HTTPException when there is no such page."""


class LiveSocket:
    """WebSocket of a page with the streams that `streams_of` gives; with `binding.json` it speaks data.

    show_people: the page shows who is on it. A plain ASGI app, so that an idle socket keeps none of the framework's
    objects.
    """

    def __init__(self, streams_of: StreamsOf, show_people: bool = False) -> None:
        self._streams_of = streams_of
        self._show_people = show_people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        try:
            connection = await self._open(scope, receive, send)
        except HTTPException:
            # Not a page that says so: uvicorn takes a response in the place of a handshake for a fault of the app.
            await send({"type": "websocket.close", "code": 4404, "reason": ""})
        else:
            await connection.run(receive)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> Connection:
        websocket: WebSocket[Any] = WebSocket(scope, receive, send)
        state = websocket.state
        streams = await self._streams_of(websocket)
        visitor = state["visitors"].of(websocket)
        asked = SUBPROTOCOL in scope["subprotocols"]
        as_json = asked or scope["query_string"] == SUBPROTOCOL.encode()
        await websocket.accept(SUBPROTOCOL if asked else None)
        write = scope["extensions"].get(WRITE_EXTENSION)
        identify = None if as_json or state["visitors"].of_cookie(websocket) else state["visitors"].of_page
        return Connection(
            state["live"],
            streams,
            visitor,
            send,
            write=write,
            as_json=as_json,
            is_present=self._show_people,
            identify=identify,
        )
