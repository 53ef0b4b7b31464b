"""The page of a room for browsers without scripts, and its frames."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from webapp.chat.access import standing_of
from webapp.chat.composer import composer_for
from webapp.chat.contexts import Composer, MessageRefusal
from webapp.chat.door import door_page
from webapp.chat.draft import Draft
from webapp.chat.models import Room
from webapp.chat.own_style import path_of
from webapp.chat.pages import posted_by
from webapp.chat.plain.contexts import NoTalk, PlainPage, PlainTalk, TalkFrame, WritePage
from webapp.chat.plain.places import Full, Places
from webapp.chat.plain.talk import Talk
from webapp.chat.reading import note_read
from webapp.chat.rooms import find
from webapp.chat.state import ChatState, asked_label
from webapp.live.fanout import without_broken
from webapp.live.http import LiveStream
from webapp.live.visitor import Visitor

FRAMED = {"X-Frame-Options": "SAMEORIGIN"}
"""Headers of what the page shows in a frame."""

AGAIN = 1
"""Seconds from the end of a talk until it is loaded again: after an edit, a cut, a deploy."""

ANYWAY = 15
"""The same for the frame around it, in case that the server was away at that moment."""


async def plain_page(request: Request[ChatState]) -> Response:
    """GET /{label}/plain: the room, with the talk in a frame and the form in another one."""
    visitor = request.state["visitors"].of(request)
    room = await find(asked_label(request))
    if not room.id:
        # A visit to the room makes it.
        return RedirectResponse(room.path, 303)
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    context = PlainPage(room, standing.policy, f"{room.path}plain/talk", f"{room.path}plain/write")
    response: Response = request.state["templates"].page("chat/plain/page.html", context)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def talk_frame(request: Request[ChatState]) -> Response:
    """GET /{label}/plain/talk: the outer frame of the talk."""
    return _frame(request, "plain/again", ANYWAY)


async def talk_again(request: Request[ChatState]) -> Response:
    """GET /{label}/plain/again: the inner frame of the talk. A browser loads it again when the talk in it has ended.

    It does so however the talk ends, even if the server is killed.
    """
    return _frame(request, "stream", AGAIN)


async def talk(request: Request[ChatState], places: Places) -> Response:
    """GET /{label}/stream: the talk, which goes on for as long as its reader stays.

    It stands beside the room, since the links of messages are relative.
    """
    state = request.state
    room = await find(asked_label(request))
    visitor = state["visitors"].of(request)
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(room.group)
    messages, before, _ = await state["chat"].page(room)
    standing = await standing_of(visitor, room.id)
    if not room.id or not standing.may_see:
        return _none(request, room, "closed")
    context = PlainTalk(room, messages, before, path_of(state["live"].marks.of_visitor(visitor, room.group)))
    templates = state["templates"]
    # The stream writes later messages into the list, so the server sends nothing of the template after it.
    whole = await without_broken(
        state["chat"],
        room.group,
        messages,
        templates.render,
        lambda shown: templates.render("chat/plain/talk.html", replace(context, messages=shown)),
    )
    stream = LiveStream(
        state["live"],
        state["chat"],
        room.group,
        visitor,
        page=whole.rpartition("</ol>")[0],
        cursor=cursor,
        take=Talk(messages[-1].id if messages else 0).take,
        stopping=state["stopping"],
        language=templates.language,
        headers=FRAMED,
    )
    return _Placed(stream, places, visitor.network, _none(request, room, "full", 503))


async def write_page(request: Request[ChatState]) -> Response:
    """GET /{label}/plain/write: the form."""
    room = await find(asked_label(request))
    visitor = request.state["visitors"].of(request)
    return await _write(request, room, visitor)


async def say(request: Request[ChatState]) -> Response:
    """POST /{label}/plain/write: commit a message, or show the refusal with the typed text."""
    posted = await posted_by(request)
    if isinstance(posted, Response):
        return _none(request, await find(asked_label(request)), "closed")
    room, visitor, draft, refused = posted
    if refused is not None:
        return await _write(request, room, visitor, refused.draft, refused.refusal, 422)
    await note_read(room.id, visitor, request.state["live"].writer)
    # Browsers focus a box by itself once for a window and all its frames, but go to a fragment each time.
    response = RedirectResponse(f"{room.path}plain/write#message", 303, headers=FRAMED)
    request.state["visitors"].remember(response, request, visitor, draft.handle)
    return response


async def _write(
    request: Request[ChatState],
    room: Room,
    visitor: Visitor,
    draft: Draft | None = None,
    refusal: MessageRefusal | None = None,
    status: int = 200,
) -> Response:
    if not (await standing_of(visitor, room.id)).may_see:
        return _none(request, room, "closed")
    composer: Composer = replace(composer_for(room, visitor, draft, refusal), path=f"{room.path}plain/write")
    context = WritePage(composer, request.state["visitors"].page_of(visitor))
    response: Response = request.state["templates"].page("chat/plain/write.html", context, status, is_written_on=True)
    response.headers.update(FRAMED)
    return response


def _frame(request: Request[ChatState], name: str, seconds: int) -> Response:
    context = TalkFrame(f"/{asked_label(request)}/{name}", seconds)
    return _framed(request, "chat/plain/frame.html", context)


def _none(request: Request[ChatState], room: Room, reason: str, status: int = 403) -> Response:
    return _framed(request, "chat/plain/none.html", NoTalk(room, reason), status)


def _framed(request: Request[ChatState], template: str, context: Any, status: int = 200) -> Response:
    response: Response = request.state["templates"].page(template, context, status)
    response.headers.update(FRAMED)
    return response


class _Placed(Response):
    """A talk that needs a place, or what stands there if there is none."""

    def __init__(self, stream: LiveStream, places: Places, network: str, full: Response) -> None:
        super().__init__()
        self._stream = stream
        self._places = places
        self._network = network
        self._full = full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._places.taken(self._network):
                await self._stream(scope, receive, send)
        except Full:
            await self._full(scope, receive, send)
