"""A room in a browser: its page, its history, and the form for browsers without scripts."""

from __future__ import annotations

import re
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.composer import composer_for, draft_of, in_one_line
from webapp.chat.contexts import Composer, History, Panel, RoomPage, Said, Switched
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.extensions import tips_of
from webapp.chat.models import Room
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import enter, start
from webapp.chat.state import ChatState, asked_label
from webapp.live.fanout.broken_rows import without_broken
from webapp.live.http.forms import texts
from webapp.live.protocol.requests import Request as Asked
from webapp.live.visitor import Visitor

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

ID = re.compile(r"[0-9]{1,18}")

SHOWN = re.compile(r"li#message-([0-9]{1,18})")
"""How htmx names a message on the page."""

FORM_LIMIT = 256 * 1024
"""Bytes of one form field, at most; a message that is too long is given back, so it has to be read first."""


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
    request.state["visits"].note(room, request.state["live"].writer)
    visitor = request.state["visitors"].of(request)
    text = request.state["chat"].drafts.of((visitor.id, room.group))
    draft = Draft(visitor.handle, text, "", in_lines="\n" in text) if text else None
    return await _page(request, room, visitor, composer_for(room, visitor, draft))


async def say_by_form(request: Request[ChatState]) -> Response:
    """POST /{label}/: say a message without a socket; when it is refused, it comes back with what was typed.

    A browser without scripts gets a page, and htmx, on a page whose socket cannot be opened, what changes on it.
    """
    state = request.state
    names = ("handle", "message", "lines", "nonce", "visitor")
    *typed, page = await texts(request, *names, limit=FORM_LIMIT)
    visitor = state["visitors"].of(request, page)
    room = await enter(asked_label(request), state["live"].writer)
    draft = draft_of(*typed)
    try:
        await state["chat"].say(draft, state["live"].inbound(visitor, room.group, Asked("create")))
    except MessageRefused as refused:
        return await _refused(request, room, visitor, refused)
    response = await _said(request, room)
    state["visitors"].remember(response, request, visitor, draft.handle)
    return response


async def _refused(request: Request[ChatState], room: Room, visitor: Visitor, refused: MessageRefused) -> Response:
    if "HX-Request" in request.headers:
        # Not an error to htmx, which has none to tell: the page is told.
        context = replace(refused.context, is_kept=True)
        return request.state["templates"].page(refused.reply.template, context)
    return await _page(request, room, visitor, composer_for(room, visitor, refused.draft, refused.refusal), 422)


async def _said(request: Request[ChatState], room: Room) -> Response:
    if "HX-Request" in request.headers:
        context = Said(new_nonce(), room, *await room.page(), tips_of(request.state["room_extensions"]))
        return request.state["templates"].page("chat/_said.html", context)
    return RedirectResponse(room.path, 303)


async def switch_boxes(request: Request[ChatState]) -> Response:
    """POST /{label}/draft: what was typed in the box of one line, for the box of several lines, or the other way."""
    message, lines, several = await texts(request, "message", "lines", "several", limit=FORM_LIMIT)
    text = draft_of("", message, lines, "").message
    context = Switched(text if several else in_one_line(text), bool(several))
    return request.state["templates"].page("chat/_switched.html", context)


async def history(request: Request[ChatState]) -> Response:
    """GET /{label}/messages?before=ID: older messages, as a fragment for htmx and as a page for anybody else.

    Without an ID the newest ones. A live page names its first message as htmx's target, which counts more.
    """
    before = _before(request)
    room = await Room.get_or_none(label=asked_label(request))
    if room is None:
        raise HTTPException(404)
    messages, older = await room.page(before=before)
    template = "chat/_history.html" if "HX-Request" in request.headers else "chat/history.html"
    templates = request.state["templates"]
    response = await without_broken(
        request.state["chat"],
        room.group,
        messages,
        templates.render,
        lambda shown: templates.page(template, History(room, shown, older)),
    )
    response.headers["Vary"] = "HX-Request, HX-Target"
    return response


def _before(request: Request[ChatState]) -> int | None:
    """The id of the first message that the reader has, or None. Raises HTTPException 400 when it can be none."""
    before = request.query_params.get("before")
    if first := SHOWN.fullmatch(request.headers.get("HX-Target", "")):
        before = first[1]
    if before is not None and not ID.fullmatch(before):
        raise HTTPException(400)
    return None if before is None else int(before)


async def _page(
    request: Request[ChatState], room: Room, visitor: Visitor, composer: Composer, status: int = 200
) -> Response:
    context = await _room(request, room, visitor, composer)
    if status != 200:
        # A refresh would lose what was refused.
        context = replace(context, refresh=None)
    templates = request.state["templates"]
    response = await without_broken(
        request.state["chat"],
        room.group,
        context.messages,
        templates.render,
        lambda shown: templates.page("chat/room.html", replace(context, messages=shown), status, is_written_on=True),
    )
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def _room(request: Request[ChatState], room: Room, visitor: Visitor, composer: Composer) -> RoomPage:
    state = request.state
    # Read the cursor before the rows. A change that comes again over the socket is harmless; a missed one is lost.
    cursor = await state["live"].hub.log.head(room.group)
    messages, before = await room.page()
    extensions = state["room_extensions"]
    panels = [Panel(each.panel, await each.binding.rows.shown(room.group)) for each in extensions]
    return RoomPage(
        room=room,
        messages=messages,
        before=before,
        cursor=str(cursor),
        composer=composer,
        # A refresh would lose what is being written.
        refresh=None if "still" in request.query_params else REFRESH,
        panels=panels,
        tips=tips_of(extensions),
        live_path=f"{room.live_path}?page={state['visitors'].token(visitor)}",
        visitor=state["visitors"].page_of(visitor),
    )
