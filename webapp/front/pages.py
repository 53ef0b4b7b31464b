"""The first page, and its forms."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat import Composer, Draft, MessageRefusal, MessageRefused, draft_of, message_of, start
from webapp.front.bindings import GROUP
from webapp.front.bindings import shown as shown_wave
from webapp.front.contexts import FirstPage
from webapp.front.models import ONLY
from webapp.front.shown_room import FrontState, room_of, shown
from webapp.live.binding import ActionRefused
from webapp.live.http import texts
from webapp.live.protocol import Request as Asked
from webapp.live.visitor import Visitor

FORM_LIMIT = 256 * 1024
"""Bytes of one form field, at most. A refusal gives a text that is too long back, so the server reads it first."""


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
    """GET or POST /new/: make a room, say its first words if there are any, and redirect to it."""
    message, page = await texts(request, "message", "visitor", limit=FORM_LIMIT) if _posts(request) else ("", "")
    writer = request.state["live"].writer
    if not message.strip():
        return RedirectResponse((await start(writer)).path, 303)
    visitor = request.state["visitors"].of(request, page)
    # Without a nonce: if a click that comes twice made two rooms, each has to have the message.
    draft = draft_of(visitor.handle, message, "", "")
    try:
        message_of(draft, draft.message, visitor, 0)
        room = await start(writer)
        inbound = request.state["live"].inbound(visitor, room.group, Asked("create"))
        await request.state["chat"].say(draft, inbound)
    except MessageRefused as refused:
        return await _page(request, visitor, refused.draft, refused.refusal)
    response = RedirectResponse(room.path, 303)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


def _posts(request: Request[FrontState]) -> bool:
    return request.method == "POST" and request.headers.get("content-length", "0") != "0"


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
        live_path=f"/new/live?page={state['visitors'].token(visitor)}",
        visitor=state["visitors"].page_of(visitor),
        composer=composer,
        now=datetime.now(UTC),
        wave=await shown_wave(),
        shown=await shown(request, room) if room else None,
    )
    response: Response = state["templates"].page("about.html", context, 422 if refusal else 200, is_written_on=True)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response
