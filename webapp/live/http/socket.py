"""The socket of a page: accepts its handshake, and runs its connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from webapp.live.binding import Reply
from webapp.live.fanout import SUBPROTOCOL, WRITE_EXTENSION
from webapp.live.http.visitors import Visitors
from webapp.live.protocol import CLOSED, Connection, Stream
from webapp.live.visitor import Visitor

StreamsOf = Callable[[WebSocket[Any]], Awaitable[Mapping[str, Stream]]]
"""Returns the streams of the page whose socket a handshake opens; raises HTTPException if there is no such page."""


def socket_path(path: str, connection: HTTPConnection[Any], visitor: Visitor) -> str:
    """Return the URL path of the socket of a page, which names the page's visitor and language.

    If it did not name the language, a page that stays open would change it after its reader chose another one
    elsewhere.

    Args:
        path: The path without a query.
        connection: The request for the page.
        visitor: The visitor of the page.
    """
    token, language = connection.state["visitors"].token(visitor), connection.state["templates"].language
    return f"{path}?page={token}&language={language}" if language else f"{path}?page={token}"


class LiveSocket:
    """The WebSocket of a page; a client that asks for `binding.json` gets JSON instead of HTML.

    If this were not a plain ASGI app, an idle socket would keep objects of the framework.

    Args:
        streams_of: Returns the streams of the page.
        show_people: The page shows which visitors are on it.
        show_names: It shows them under the names that they chose; else under those that the server offered.
        closed: Tells a visitor who may not read, or no longer, that the page is closed.
        left: Is told of each known visitor whose page closes its socket, with the lifespan's state and the group of the
            page's first stream. It must not wait.
    """

    def __init__(
        self,
        streams_of: StreamsOf,
        show_people: bool = False,
        show_names: bool = True,
        closed: Reply = CLOSED,
        left: Callable[[Mapping[str, Any], Visitor, str], None] | None = None,
    ) -> None:
        self._closed = closed
        self._left = left
        self._streams_of = streams_of
        self._show_people = show_people
        self._show_names = show_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket from its handshake to its end."""
        try:
            connection = await self._open(scope, receive, send)
        except HTTPException as error:
            # As with pages, one that is not there refuses nobody anything.
            if error.status_code != 404:
                scope["state"]["live"].observer.refused(str(error.status_code))
            # If the app answered with a page, uvicorn would log a fault of the app, so it closes the socket instead.
            await send({"type": "websocket.close", "code": 4404, "reason": ""})
        else:
            try:
                await connection.run(receive)
            finally:
                if self._left is not None and connection.is_known:
                    self._left(scope["state"], connection.visitor, connection.group)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> Connection:
        websocket: WebSocket[Any] = WebSocket(scope, receive, send)
        state = websocket.state
        streams = await self._streams_of(websocket)
        visitor = self._named(state["visitors"].of(websocket))
        asked = SUBPROTOCOL in scope["subprotocols"]
        as_json = asked or scope["query_string"] == SUBPROTOCOL.encode()
        await websocket.accept(SUBPROTOCOL if asked else None)
        write = scope["extensions"].get(WRITE_EXTENSION)
        is_known = state["visitors"].of_cookie(websocket) is not None
        return Connection(
            state["live"],
            streams,
            visitor,
            send,
            write=write,
            as_json=as_json,
            language=state["templates"].language,
            is_present=self._show_people,
            identify=None if is_known else partial(self._of_page, state["visitors"]),
            closed=self._closed,
        )

    def _of_page(self, visitors: Visitors, page: str) -> Visitor | None:
        visitor = visitors.of_page(page)
        return visitor and self._named(visitor)

    def _named(self, visitor: Visitor) -> Visitor:
        return visitor if self._show_names else replace(visitor, handle="")
