"""The pages of a room, its history, and its plain form for browsers without scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.access import RoomMember, Standing, owners_group, standing_of
from webapp.chat.composer import composer_for, draft_of, in_one_line
from webapp.chat.contexts import Composer, History, Panel, RoomPage, Said, Switched
from webapp.chat.door import door_page
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.extensions import tips_of
from webapp.chat.models import Room
from webapp.chat.navigation import is_navigation, is_probe
from webapp.chat.own_style import path_of
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import enter, find
from webapp.chat.saying import made_for
from webapp.chat.state import ChatState, asked_label
from webapp.live.fanout import without_broken
from webapp.live.http import socket_path, texts
from webapp.live.protocol import Request as Asked
from webapp.live.visitor import Visitor
from webapp.web import absolute_url

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

ID = re.compile(r"[0-9]{1,18}")
"""The id of a message in a URL."""

SHOWN = re.compile(r"li#message-([0-9]{1,18})")
"""The name that htmx gives to a message on the page."""

FORM_LIMIT = 256 * 1024
"""Bytes of one form field, at most. A refusal gives a message that is too long back, so the server reads it first."""


async def room_page(request: Request[ChatState]) -> Response:
    """GET /{label}/: the page of the room, which a person's first visit makes."""
    label = asked_label(request)
    if request.path_params["label"] != label:
        return RedirectResponse(f"/{label}/", 307)
    visitor = request.state["visitors"].of(request)
    room = await _visited(request, label, visitor)
    text = request.state["chat"].drafts.of((visitor.id, room.group))
    draft = Draft(visitor.handle, text, "", in_lines="\n" in text) if text else None
    return await _page(request, room, visitor, composer_for(room, visitor, draft))


async def _visited(request: Request[ChatState], label: str, visitor: Visitor) -> Room:
    """Return the room. Programs that look at an address, such as crawlers and images on other sites, make none."""
    if not is_navigation(request) or is_probe(label):
        return await find(label)
    writer = request.state["live"].writer
    room = await enter(label, writer, partial(request.state["room_limit"].hit, visitor), visitor)
    request.state["visits"].note(room, writer)
    return room


async def say_by_form(request: Request[ChatState]) -> Response:
    """POST /{label}/: commit a message without a socket, or show the refusal with the typed text.

    A browser without scripts gets a page. If the socket of a page cannot be opened, htmx posts the form, and gets the
    fragments that change.
    """
    state = request.state
    names = ("handle", "message", "lines", "nonce", "visitor")
    *typed, page = await texts(request, *names, limit=FORM_LIMIT)
    visitor = state["visitors"].of(request, page)
    draft = draft_of(*typed)
    room = await find(asked_label(request))
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    try:
        if not room.id:
            admitted = partial(state["room_limit"].hit, visitor)
            room = await made_for(draft, visitor, partial(enter, room.label, state["live"].writer, admitted, visitor))
        await state["chat"].say(draft, state["live"].inbound(visitor, room.group, Asked("create")))
    except MessageRefused as refused:
        state["live"].observer.refused(refused.reason)
        return await _refused(request, room, visitor, refused)
    response = await _said(request, room, visitor)
    state["visitors"].remember(response, request, visitor, draft.handle)
    return response


async def _refused(request: Request[ChatState], room: Room, visitor: Visitor, refused: MessageRefused) -> Response:
    if "HX-Request" in request.headers:
        # If the status were an error, htmx would not show the fragment, so a refusal has status 200.
        context = replace(refused.context, is_kept=True)
        return request.state["templates"].page(refused.reply.template, context)
    return await _page(request, room, visitor, composer_for(room, visitor, refused.draft, refused.refusal), 422)


async def _said(request: Request[ChatState], room: Room, visitor: Visitor) -> Response:
    if "HX-Request" not in request.headers:
        return RedirectResponse(room.path, 303)
    messages, before = await request.state["chat"].page(room)
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    context = Said(new_nonce(), room, messages, before, tips_of(request.state["room_extensions"]))
    return request.state["templates"].page("chat/_said.html", context)


async def switch_boxes(request: Request[ChatState]) -> Response:
    """POST /{label}/draft: the composer with the other box, of one line or of several, and the typed text in it."""
    message, lines, several = await texts(request, "message", "lines", "several", limit=FORM_LIMIT)
    text = draft_of("", message, lines, "").message
    context = Switched(text if several else in_one_line(text), bool(several))
    return request.state["templates"].page("chat/_switched.html", context)


async def history(request: Request[ChatState]) -> Response:
    """GET /{label}/messages?before=ID: messages before that id, as a fragment for htmx, and else as a page.

    Without an id, the newest ones. The target that htmx names, the first message on a live page, overrides `before`.
    """
    before = _before(request)
    # An unknown room looks like an empty one. If it did not, a program could find the rooms that there are.
    room = await find(asked_label(request))
    visitor = request.state["visitors"].of(request)
    messages, older = await request.state["chat"].page(room, before)
    # If access were checked before the rows were read, they could be newer than the rights.
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    template = "chat/_history.html" if "HX-Request" in request.headers else "chat/history.html"
    templates = request.state["templates"]
    response = await without_broken(
        request.state["chat"],
        room.group,
        messages,
        templates.render,
        lambda shown: templates.page(template, History(room, shown, older)),
    )
    response.headers.add_vary_header("HX-Request, HX-Target")
    return response


def _before(request: Request[ChatState]) -> int | None:
    """Return the id of the first message that the page has; None: it has none.

    Raises:
        HTTPException: 400: the text in the URL is no id.
    """
    before = request.query_params.get("before")
    if first := SHOWN.fullmatch(request.headers.get("HX-Target", "")):
        before = first[1]
    if before is not None and not ID.fullmatch(before):
        raise HTTPException(400)
    return None if before is None else int(before)


async def _page(
    request: Request[ChatState],
    room: Room,
    visitor: Visitor,
    composer: Composer,
    status: int = 200,
) -> Response:
    context, standing = await _room(request, room, visitor, composer)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    if status != 200:
        # If the page loaded itself again, the refused text would be lost.
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


async def _room(
    request: Request[ChatState], room: Room, visitor: Visitor, composer: Composer
) -> tuple[RoomPage, Standing]:
    """Return the context of the page, and what the visitor may do in the room, read after all rows of the page."""
    state = request.state
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(room.group)
    messages, before = await state["chat"].page(room)
    extensions = state["room_extensions"]
    panels = [Panel(each.panel, await each.binding.rows.shown(room.group)) for each in extensions if each.panel]
    # If access were checked before the rows were read, they could be newer than the rights.
    standing = await standing_of(visitor, room.id)
    knocks: Sequence[RoomMember] = ()
    cursors = [cursor]
    if standing.may_moderate:
        # The socket has the groups in the same order.
        cursors.append(await state["live"].hub.log.head(group := owners_group(room.id)))
        knocks = await state["bindings"]["knock"].rows.shown(group)
    context = RoomPage(
        room=room,
        messages=messages,
        before=before,
        cursor=".".join(map(str, cursors)),
        composer=composer,
        # If the page loaded itself again, the text that the visitor is writing would be lost.
        refresh=None if "still" in request.query_params else REFRESH,
        panels=panels,
        tips=tips_of(extensions),
        live_path=socket_path(room.live_path, request, visitor),
        visitor=state["visitors"].page_of(visitor),
        own_style=path_of(state["live"].marks.of_visitor(visitor, room.group)),
        policy=standing.policy,
        may_moderate=standing.may_moderate,
        knocks=knocks,
        link=absolute_url(request, room.path),
    )
    return context, standing
