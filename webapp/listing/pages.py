"""The page of public rooms, and its socket."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from webapp.chat import ChatState
from webapp.chat.access import LISTING
from webapp.listing.contexts import ListedRoom, ListingPage
from webapp.live.http import socket_path
from webapp.live.protocol import Stream


async def listing_page(request: Request[ChatState]) -> Response:
    """GET /rooms/: the public rooms."""
    state = request.state
    _require_listing(request)
    visitor = state["visitors"].of(request)
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(LISTING)
    binding = state["bindings"]["listed"]
    context = ListingPage(
        rooms=[ListedRoom(row, row.label) for row in await binding.rows.shown(LISTING)],
        cursor=str(cursor),
        live_path=socket_path("/rooms/live", request, visitor),
        visitor=state["visitors"].page_of(visitor),
    )
    response: Response = state["templates"].page("listing/page.html", context, is_written_on=True)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def listing_streams(websocket: WebSocket[ChatState]) -> Mapping[str, Stream]:
    """WebSocket /rooms/live: return the stream of the public rooms."""
    _require_listing(websocket)
    return {"listed": Stream(websocket.state["bindings"]["listed"], LISTING)}


def _require_listing(connection: HTTPConnection[ChatState]) -> None:
    if not connection.state["lists_rooms"]:
        raise HTTPException(404)
