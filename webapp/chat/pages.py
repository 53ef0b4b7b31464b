"""A room in a browser: its page, its history, and the form for browsers without scripts."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.composer import composer_for
from webapp.chat.contexts import Composer, History, RoomPage
from webapp.chat.draft import Draft, NotSaid
from webapp.chat.models import Room
from webapp.chat.rooms import enter, start
from webapp.chat.state import ChatState, asked_label
from webapp.live.broken import without_broken
from webapp.live.requests import Request as Asked
from webapp.live.visitor import Visitor
from webapp.web.forms import texts

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

FORM_LIMIT = 64 * 1024
"""Bytes of one form field, at most."""


async def new_room(request: Request[ChatState]) -> Response:
    """GET or POST /new/: make a room and go there."""
    room = await start(request.state["live"].writer)
    return RedirectResponse(room.path, 303)


async def room_page(request: Request[ChatState]) -> Response:
    """GET /{label}/: the room, made on the first visit."""
    label = asked_label(request)
    if request.path_params["label"] != label:
        return RedirectResponse(f"/{label}/", 307)
    room = await enter(label, request.state["live"].writer)
    visitor = request.state["visitors"].of(request)
    return await _page(request, room, visitor, composer_for(room, visitor))


async def say_by_form(request: Request[ChatState]) -> Response:
    """POST /{label}/: say a message without scripts; when it is refused, the page again with what was typed."""
    state = request.state
    visitor = state["visitors"].of(request)
    room = await enter(asked_label(request), state["live"].writer)
    draft = Draft(*await texts(request, "handle", "message", "nonce", limit=FORM_LIMIT))
    try:
        await state["chat"].say(draft, state["live"].inbound(visitor, room.group, Asked("create")))
    except NotSaid as not_said:
        return await _page(request, room, visitor, composer_for(room, visitor, draft, not_said.refusal), 422)
    response = RedirectResponse(room.path, 303)
    state["visitors"].remember(response, request, visitor, draft.handle)
    return response


async def history(request: Request[ChatState]) -> Response:
    """GET /{label}/messages?before=ID: older messages, as a fragment for htmx and as a page for anybody else."""
    before = request.query_params.get("before", "")
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        raise HTTPException(400)
    room = await Room.get_or_none(label=asked_label(request))
    if room is None:
        raise HTTPException(404)
    messages, older = await room.page(before=int(before))
    template = "chat/_history.html" if "HX-Request" in request.headers else "chat/history.html"
    templates = request.state["templates"]
    response = await without_broken(
        request.state["chat"],
        room.group,
        messages,
        templates.render,
        lambda shown: templates.page(template, History(room, shown, older)),
    )
    response.headers["Vary"] = "HX-Request"
    return response


async def _page(
    request: Request[ChatState], room: Room, visitor: Visitor, composer: Composer, status: int = 200
) -> Response:
    state = request.state
    # The cursor first: what is committed after it is read comes again over the socket, and a repeat is harmless.
    cursor = await state["live"].hub.log.head(room.group)
    messages, before = await room.page()
    # What was refused, or is being written, would be lost by a refresh.
    still = status != 200 or "still" in request.query_params
    values = await state["values"].rows(room.group)
    context = RoomPage(room, messages, before, str(cursor), composer, None if still else REFRESH, values)
    response = await without_broken(
        state["chat"],
        room.group,
        messages,
        state["templates"].render,
        lambda shown: state["templates"].page("chat/room.html", replace(context, messages=shown), status),
    )
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response
