"""The first page, and its forms."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat import (
    FORM_LIMIT,
    Composer,
    Draft,
    MessageRefusal,
    MessageRefused,
    Room,
    draft_of,
    forget_rooms,
    is_navigation,
    made_for,
    rooms_of,
    start,
)
from webapp.front.bindings import GROUP
from webapp.front.bindings import shown as shown_wave
from webapp.front.contexts import FirstPage
from webapp.front.models import ONLY
from webapp.front.shown_room import FrontState, room_of, shown
from webapp.live.binding import ActionRefused
from webapp.live.http import socket_path, texts
from webapp.live.protocol import Request as Asked
from webapp.live.visitor import Visitor


async def first_page(request: Request[FrontState]) -> Response:
    """GET /: the page that introduces the app."""
    return await _page(request, request.state["visitors"].of(request))


async def wave_by_form(request: Request[FrontState]) -> Response:
    """POST /: count a wave of a browser without a socket."""
    (page,) = await texts(request, "visitor", limit=FORM_LIMIT)
    state = request.state
    visitor = state["visitors"].of(request, page)
    try:
        inbound = state["live"].inbound(visitor, GROUP, Asked("wave", "wave", str(ONLY)))
        await state["bindings"]["wave"].perform("wave", inbound)
    except ActionRefused as refused:
        raise HTTPException(429 if refused.reason == "flooding" else 503) from refused
    return RedirectResponse("/", 303)


async def new_room(request: Request[FrontState]) -> Response:
    """POST /new/, or a person's GET: make a room, say its first words if there are any, and redirect to it."""
    if request.method != "POST":
        if not is_navigation(request):
            raise HTTPException(405, headers={"Allow": "POST"})
        return await _empty_room(request, request.state["visitors"].of(request))
    message, page = await texts(request, "message", "visitor", limit=FORM_LIMIT) if _has_form(request) else ("", "")
    visitor = request.state["visitors"].of(request, page)
    if not message.strip():
        return await _empty_room(request, visitor)
    # Without a nonce: if a click that comes twice made two rooms, each has to have the message.
    draft = draft_of(visitor.handle, message, "", "")
    try:
        room = await _room_with(request, visitor, draft)
    except MessageRefused as refused:
        return await _page(request, visitor, refused.draft, refused.refusal)
    response = RedirectResponse(room.path, 303)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def forget_own_rooms(request: Request[FrontState]) -> Response:
    """POST /me/rooms/forget: forget which rooms the visitor was in."""
    (page,) = await texts(request, "visitor", limit=FORM_LIMIT)
    response = RedirectResponse("/", 303)
    visitor = request.state["visitors"].of(request, page)
    await forget_rooms(response, request, visitor, request.state["live"].writer)
    return response


async def _empty_room(request: Request[FrontState], visitor: Visitor) -> Response:
    room = await _started(request, visitor)
    response = RedirectResponse(room.path, 303)
    # Without the cookie, whoever made the room would come to it as a stranger.
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def _room_with(request: Request[FrontState], visitor: Visitor, draft: Draft) -> Room:
    """Make a room and say the first words in it.

    Raises:
        MessageRefused: The words cannot be said, or the visitor has made too many rooms.
    """
    room = await made_for(draft, visitor, partial(_started, request, visitor))
    inbound = request.state["live"].inbound(visitor, room.group, Asked("create"))
    await request.state["chat"].say(draft, inbound)
    return room


async def _started(request: Request[FrontState], visitor: Visitor) -> Room:
    state = request.state
    return await start(state["live"].writer, partial(state["room_limit"].hit, visitor), visitor)


def _has_form(request: Request[FrontState]) -> bool:
    # The button "New room" of a room has no fields, so programs may post nothing at all.
    return bool(request.headers.get("content-type"))


async def _page(
    request: Request[FrontState], visitor: Visitor, draft: Draft | None = None, refusal: MessageRefusal | None = None
) -> Response:
    state = request.state
    room = await room_of(request)
    group = room.group if room else GROUP
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(group)
    composer = Composer("/new/", "", visitor.guest, "", draft.message if draft else "", refusal)
    context = FirstPage(
        cursor=str(cursor),
        live_path=socket_path("/new/live", request, visitor),
        visitor=state["visitors"].page_of(visitor),
        composer=composer,
        now=datetime.now(UTC),
        wave=await shown_wave(),
        shown=await shown(request, room) if room else None,
        rooms=await rooms_of(request, visitor),
    )
    response: Response = state["templates"].page("about.html", context, 422 if refusal else 200, is_written_on=True)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response
