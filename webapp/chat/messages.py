"""The page of one message, on which its author and the room's moderators change it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.access import NOTE_LIMIT, Acts, Person, Standing, standing_of, visitor_key
from webapp.chat.contexts import MessageMenu, MessagePage, MessageRefusal, Reactions, Replying
from webapp.chat.door import door_page
from webapp.chat.draft import Draft
from webapp.chat.inviting import link_to
from webapp.chat.models import Message, Room
from webapp.chat.own_style import path_of
from webapp.chat.reactions import counts_of, emoji_of, own_reactions, react
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import find
from webapp.chat.saying import message_of
from webapp.chat.state import ChatState, asked_label
from webapp.live.http import texts
from webapp.live.templating import parts_of
from webapp.live.validation import cleaned
from webapp.live.visitor import Visitor
from webapp.live.writing import BUSY

logger = logging.getLogger(__name__)

FORM_LIMIT = 256 * 1024
"""Bytes of one form field, at most."""

REFUSED = {"not_emoji": 422, "full": 422, "flooding": 429, "busy": 503}
"""Why a reaction is not taken → the status of the answer to a page without scripts."""

BANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1), "always": None}
"""How long a ban may last, by the values of the form."""


class _Asked(NamedTuple):
    """What a request is about.

    Attributes:
        room: The room.
        message: The message.
        visitor: Who asks.
        standing: What the visitor may do in the room.
        edit_limit: How long after it was said a message may be changed; None: for ever.
    """

    room: Room
    message: Message
    visitor: Visitor
    standing: Standing
    edit_limit: timedelta | None

    @property
    def is_own(self) -> bool:
        """Whether the visitor said it."""
        return self.message.author == visitor_key(self.room.id, self.visitor.id)

    @property
    def may_edit(self) -> bool:
        """Whether the visitor may change its text. Nobody may change what dice said."""
        limit = self.edit_limit
        in_time = limit is None or datetime.now(UTC) - self.message.timestamp <= limit
        return self.is_own and self.standing.may_say and in_time and self.message.kind != "roll"

    @property
    def may_ban(self) -> bool:
        """Whether the visitor may keep out who said it."""
        return self.standing.may_moderate and bool(self.message.author) and not self.is_own


async def message_page(request: Request[ChatState]) -> Response:
    """GET /{label}/messages/{id}: one message, as a fragment for htmx, and else as a page."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    if "HX-Request" not in request.headers:
        return await _page(request, asked)
    reactions = await _reactions(request, asked)
    menu = MessageMenu(
        asked.room, asked.message, reactions, asked.standing.may_say, link_to(request, asked.room, asked.message)
    )
    return request.state["templates"].page("chat/_menu.html", menu)


async def message_beside(request: Request[ChatState]) -> Response:
    """GET /{label}/messages/messages/{id}: lead to the page of the message.

    A message names the pages of messages as they are to be found from the room. On the page of a message, such a link
    leads here.
    """
    return RedirectResponse(f"/{quote(asked_label(request))}/messages/{request.path_params['id']}", 307)


async def reply(request: Request[ChatState]) -> Response:
    """GET /{label}/messages/{id}/reply: what the composer shows of the message that the next one replies to."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    return request.state["templates"].page("chat/_replying.html", Replying(asked.room, asked.message))


async def change_message(request: Request[ChatState]) -> Response:
    """POST /{label}/messages/{id}: edit, delete or report the message, or ban who said it.

    Raises:
        HTTPException: 403: the visitor may not do that. 503: the database did not take it.
    """
    act, text, until, network, messages, note, page = await texts(
        request, "act", "text", "until", "network", "messages", "note", "visitor", limit=FORM_LIMIT
    )
    asked = await _asked(request, page)
    if isinstance(asked, Response):
        return asked
    acts = Acts(request.state["live"].writer, asked.room)
    try:
        if act == "edit" and asked.may_edit:
            await _edit(request, asked, text)
        elif act == "delete" and (asked.is_own or asked.standing.may_moderate):
            await acts.delete_message(asked.message.id)
        elif act == "ban" and asked.may_ban and until in BANS:
            message = asked.message
            person = Person(message.author, message.handle, message.mark, message.network)
            length = BANS[until]
            await acts.ban(
                person,
                None if length is None else datetime.now(UTC) + length,
                with_network=bool(network),
                with_messages=bool(messages),
            )
        elif act == "report" and not asked.is_own and request.state["takes_reports"]:
            return await _report(request, asked, acts, cleaned(note)[:NOTE_LIMIT])
        else:
            raise HTTPException(403)
    except MessageRefused as refused:
        return await _page(request, asked, text, refused.refusal, 422)
    except BUSY as error:
        raise HTTPException(503) from error
    return RedirectResponse(asked.room.path, 303)


async def _asked(request: Request[ChatState], page: str = "") -> _Asked | Response:
    room = await find(asked_label(request))
    visitor = request.state["visitors"].of(request, page)
    message = await Message.get_or_none(id=request.path_params["id"], room_id=room.id)
    # If access were checked before the message was read, it could be newer than the rights.
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    if message is None:
        raise HTTPException(404)
    return _Asked(room, message, visitor, standing, request.state["edit_limit"])


async def react_to_message(request: Request[ChatState]) -> Response:
    """POST /{label}/messages/{id}/reactions: react to the message by an emoji, or take that back.

    Raises:
        HTTPException: 403: the visitor may not say anything in the room. 422: the text is no emoji, or the message has
            too many kinds. 429: the visitor reacts too often. 503: the database did not take it. A page with scripts is
            told in words instead.
    """
    emoji, other, page = await texts(request, "emoji", "other", "visitor", limit=FORM_LIMIT)
    asked = await _asked(request, page)
    if isinstance(asked, Response):
        return asked
    if not asked.standing.may_say:
        raise HTTPException(403)
    refusal = await _react(request, asked, emoji_of(emoji or other))
    if "HX-Request" not in request.headers:
        if refusal:
            raise HTTPException(REFUSED[refusal])
        return RedirectResponse(f"{asked.room.history_path}/{asked.message.id}", 303)
    message = await asked.room.message(asked.message.id)
    if message is None:
        raise HTTPException(404)
    context = await _reactions(request, asked._replace(message=message), refusal)
    return request.state["templates"].page("chat/_reactions.html", context)


async def _react(request: Request[ChatState], asked: _Asked, emoji: str | None) -> str:
    """React, and return why that was not done; empty: it was."""
    if emoji is None:
        return "not_emoji"
    live = request.state["live"]
    if live.admit(asked.visitor, True):
        return "flooding"
    key = visitor_key(asked.room.id, asked.visitor.id)
    try:
        return "" if await react(live.writer, asked.room, asked.message, key, emoji) else "full"
    except BUSY as error:
        logger.warning("a reaction could not be written: %r", error)
        return "busy"


async def _reactions(request: Request[ChatState], asked: _Asked, refusal: str = "") -> Reactions | None:
    if not asked.standing.may_say:
        return None
    return Reactions(
        path=f"{asked.room.history_path}/{asked.message.id}/reactions",
        counts=counts_of(asked.message),
        own=await own_reactions(asked.message, visitor_key(asked.room.id, asked.visitor.id)),
        refusal=refusal,
        visitor=request.state["visitors"].page_of(asked.visitor),
    )


async def _page(
    request: Request[ChatState],
    asked: _Asked,
    text: str | None = None,
    refusal: MessageRefusal | None = None,
    status: int = 200,
) -> Response:
    state = request.state
    context = MessagePage(
        room=asked.room,
        message=asked.message,
        reactions=await _reactions(request, asked),
        may_reply=asked.standing.may_say,
        may_edit=asked.may_edit,
        is_too_late=asked.is_own and asked.standing.may_say and not asked.may_edit and asked.message.kind != "roll",
        may_delete=asked.is_own or asked.standing.may_moderate,
        may_ban=asked.may_ban,
        knows_network=bool(asked.message.network),
        text=asked.message.message if text is None else text,
        refusal=refusal,
        visitor=state["visitors"].page_of(asked.visitor),
        may_report=not asked.is_own and state["takes_reports"],
        was_reported="reported" in request.query_params,
        own_style=path_of(state["live"].marks.of_visitor(asked.visitor, asked.room.group)),
        link=link_to(request, asked.room, asked.message),
    )
    response: Response = state["templates"].page("chat/message.html", context, status, is_written_on=True)
    return response


async def _report(request: Request[ChatState], asked: _Asked, acts: Acts, note: str) -> Response:
    if seconds := request.state["live"].admit(asked.visitor, False):
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
    await acts.report(asked.message, visitor_key(asked.room.id, asked.visitor.id), note)
    return RedirectResponse(f"{asked.room.path}messages/{asked.message.id}?reported", 303)


async def _edit(request: Request[ChatState], asked: _Asked, text: str) -> None:
    """Change the text of a message.

    Raises:
        MessageRefused: The text cannot be said.
    """
    draft = Draft(asked.message.handle, text, "")
    edited = message_of(draft, text, asked.visitor.named(draft.handle), asked.room.id)
    policy = asked.standing.policy
    if policy.forbids_links and not asked.standing.may_moderate and any(part.href for part in parts_of(text)):
        raise MessageRefused(draft, MessageRefusal("links"))
    if seconds := request.state["live"].admit(asked.visitor, False):
        raise MessageRefused(draft, MessageRefusal("flooding", seconds=seconds))
    if edited.message == asked.message.message:
        return
    rows = Message.filter(id=asked.message.id, author=asked.message.author)
    change = partial(rows.update, message=edited.message, edited_at=datetime.now(UTC))
    await request.state["live"].writer.run(change, [asked.room.group])
