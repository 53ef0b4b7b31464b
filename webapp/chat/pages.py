"""The pages of a room, its history, and its plain form for browsers without scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.access import RoomMember, Standing, owners_group, standing_of
from webapp.chat.composer import composer_for, draft_of, in_one_line
from webapp.chat.contexts import Composer, History, Panel, RoomPage, Said, Switched
from webapp.chat.door import door_page
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.extensions import tips_of
from webapp.chat.models import PAGE, Room
from webapp.chat.navigation import is_navigation, is_probe
from webapp.chat.own_rooms import remember_room
from webapp.chat.own_style import path_of
from webapp.chat.reading import note_read, unread_of
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import enter, find
from webapp.chat.saying import made_for
from webapp.chat.state import ChatState, asked_id, asked_label
from webapp.live.fanout import without_broken
from webapp.live.http import socket_path, texts
from webapp.live.protocol import Request as Asked
from webapp.live.visitor import Visitor
from webapp.web import absolute_url

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

HALF = PAGE // 2
"""Messages above the one that a link leads to."""

NEAR = 200
"""Newer messages than the one that a link leads to, up to which the live page has them all."""

SHOWN = re.compile(r"li#message-([0-9]{1,18})")
"""The name that htmx gives to a message on the page."""

FORM_LIMIT = 256 * 1024
"""Bytes of one form field, at most. A refusal gives a message that is too long back, so the server reads it first."""


async def room_page(request: Request[ChatState]) -> Response:
    """GET /{label}/?at=ID&reply=ID: the page of the room, which a person's first visit makes.

    With the id of a message, the page begins HALF messages above it. If there are more than NEAR newer ones, the answer
    leads to the history around it.

    Raises:
        HTTPException: 400: the text in the URL is no id.
    """
    label = asked_label(request)
    if request.path_params["label"] != label:
        return RedirectResponse(f"/{label}/", 307)
    visitor = request.state["visitors"].of(request)
    at = asked_id(request, "at")
    room = await _visited(request, label, visitor)
    text = request.state["chat"].drafts.of((visitor.id, room.group))
    draft = Draft(visitor.handle, text, "", in_lines="\n" in text) if text else None
    reply = await room.message(asked_id(request, "reply"))
    return await _page(request, room, visitor, composer_for(room, visitor, draft, reply=reply), at=at)


async def _visited(request: Request[ChatState], label: str, visitor: Visitor) -> Room:
    """Return the room. Programs that look at an address, such as crawlers and images on other sites, make none."""
    if not is_navigation(request) or is_probe(label):
        return await find(label)
    writer = request.state["live"].writer
    room = await enter(label, writer, partial(request.state["room_limit"].hit, visitor), visitor)
    request.state["visits"].note(room, writer)
    return room


class Posted(NamedTuple):
    """A message that a form has posted.

    Attributes:
        room: The room.
        visitor: The sender.
        draft: What the form had.
        refused: Why it was not said; None: it was.
    """

    room: Room
    visitor: Visitor
    draft: Draft
    refused: MessageRefused | None


async def say_by_form(request: Request[ChatState]) -> Response:
    """POST /{label}/: commit a message without a socket, or show the refusal with the typed text.

    A browser without scripts gets a page. If the socket of a page cannot be opened, htmx posts the form, and gets the
    fragments that change.
    """
    posted = await posted_by(request)
    if isinstance(posted, Response):
        return posted
    if posted.refused is not None:
        return await _refused(request, posted.room, posted.visitor, posted.refused)
    response = await _said(request, posted.room, posted.visitor, posted.draft)
    request.state["visitors"].remember(response, request, posted.visitor, posted.draft.handle)
    return response


async def posted_by(request: Request[ChatState]) -> Posted | Response:
    """Say the message in the form of a request. A visitor who may not see the room gets its door."""
    state = request.state
    names = ("handle", "message", "lines", "nonce", "reply_to", "visitor")
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
        return Posted(room, visitor, draft, refused)
    return Posted(room, visitor, draft, None)


async def _refused(request: Request[ChatState], room: Room, visitor: Visitor, refused: MessageRefused) -> Response:
    if "HX-Request" in request.headers:
        # If the status were an error, htmx would not show the fragment, so a refusal has status 200.
        context = replace(refused.context, is_kept=True)
        return request.state["templates"].page(refused.reply.template, context)
    reply = await room.message(refused.draft.reply_to)
    composer = composer_for(room, visitor, refused.draft, refused.refusal, reply)
    return await _page(request, room, visitor, composer, 422)


async def _said(request: Request[ChatState], room: Room, visitor: Visitor, draft: Draft) -> Response:
    if "HX-Request" not in request.headers:
        # A page without a socket tells of no leave.
        await note_read(room.id, visitor, request.state["live"].writer)
        return RedirectResponse(room.path, 303)
    messages, before, _ = await request.state["chat"].page(room)
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    context = Said(new_nonce(), room, messages, before, tips_of(request.state["room_extensions"]), None, draft.reply_to)
    return request.state["templates"].page("chat/_said.html", context)


async def switch_boxes(request: Request[ChatState]) -> Response:
    """POST /{label}/draft: the composer with the other box, of one line or of several, and the typed text in it."""
    message, lines, several = await texts(request, "message", "lines", "several", limit=FORM_LIMIT)
    text = draft_of("", message, lines, "").message
    context = Switched(text if several else in_one_line(text), bool(several))
    return request.state["templates"].page("chat/_switched.html", context)


async def history(request: Request[ChatState]) -> Response:
    """GET /{label}/messages?before=ID: messages before that id, as a fragment for htmx, and else as a page.

    With `after` instead, messages after that id; with `at`, those around it; without an id, the newest ones. The target
    that htmx names, the first message on a live page, overrides `before`.

    Raises:
        HTTPException: 400: the text in the URL is no id.
    """
    before, after, at = _before(request), *(asked_id(request, name) for name in ("after", "at"))
    # An unknown room looks like an empty one. If it did not, a program could find the rooms that there are.
    room = await find(asked_label(request))
    visitor = request.state["visitors"].of(request)
    chat = request.state["chat"]
    if after is not None:
        messages, older, newer = await chat.around(room, after, 0, PAGE)
    elif at is not None:
        messages, older, newer = await chat.around(room, at, HALF + 1, HALF)
    else:
        messages, older, newer = await chat.page(room, before)
    # If access were checked before the rows were read, they could be newer than the rights.
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    template = "chat/_history.html" if "HX-Request" in request.headers else "chat/history.html"
    templates = request.state["templates"]
    response = await without_broken(
        chat,
        room.group,
        messages,
        templates.render,
        lambda shown: templates.page(template, History(room, shown, older, newer)),
    )
    response.headers.add_vary_header("HX-Request, HX-Target")
    return response


def _before(request: Request[ChatState]) -> int | None:
    """Return the id of the first message that the page has; None: it has none."""
    first = SHOWN.fullmatch(request.headers.get("HX-Target", ""))
    return int(first[1]) if first else asked_id(request, "before")


async def _page(
    request: Request[ChatState],
    room: Room,
    visitor: Visitor,
    composer: Composer,
    status: int = 200,
    at: int | None = None,
) -> Response:
    context, standing, after = await _room(request, room, visitor, composer, at)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    if after is not None:
        return RedirectResponse(f"{room.history_path}?at={at}#message-{at}", 303)
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
    if room.id:
        remember_room(response, request, room)
    return response


async def _room(
    request: Request[ChatState], room: Room, visitor: Visitor, composer: Composer, at: int | None
) -> tuple[RoomPage, Standing, int | None]:
    """Return the context of the page, and what the visitor may do in the room, read after all rows of the page.

    The third part is the id of the last message where newer ones than that are left out, or None.
    """
    state = request.state
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(room.group)
    chat = state["chat"]
    messages, before, after = await (chat.page(room) if at is None else chat.around(room, at, HALF + 1, NEAR))
    extensions = state["room_extensions"]
    panels = [Panel(each.panel, await each.binding.rows.shown(room.group)) for each in extensions if each.panel]
    unread = await unread_of(room, visitor)
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
        refresh=None if at is not None or composer.reply or "still" in request.query_params else REFRESH,
        panels=panels,
        tips=tips_of(extensions),
        live_path=socket_path(room.live_path, request, visitor),
        visitor=state["visitors"].page_of(visitor),
        own_style=path_of(state["live"].marks.of_visitor(visitor, room.group)),
        policy=standing.policy,
        may_moderate=standing.may_moderate,
        knocks=knocks,
        link=absolute_url(request, room.path),
        is_gone=at is not None and at not in (message.id for message in messages),
        unread=unread,
    )
    return context, standing, after
