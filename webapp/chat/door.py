"""The door of a room: what a visitor gets who may not see it, with the ways in."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.access import (
    PASSPHRASE_LIMIT,
    Acts,
    RoomMember,
    RoomPolicy,
    Standing,
    door_group,
    is_right,
    person_of,
    standing_of,
    visitor_key,
)
from webapp.chat.contexts import DoorPage
from webapp.chat.models import Room
from webapp.chat.rooms import find
from webapp.chat.state import ChatState, asked_label
from webapp.live.http import socket_path, texts
from webapp.live.visitor import NAME_LIMIT, Visitor

FIELD_LIMIT = 4096
"""Bytes of one field of the form, at most."""


async def door_page(
    request: Request[ChatState],
    room: Room,
    visitor: Visitor,
    standing: Standing,
    refusal: str = "",
    seconds: int = 0,
) -> Response:
    """Return the page for a visitor who may not see the room. Nothing of the room is in it."""
    state = request.state
    is_waiting = standing.closed == "waiting"
    # Read the cursor before the row. A change read twice is harmless; a change never read is lost.
    key = visitor_key(room.id, visitor.id)
    cursor = str(await state["live"].hub.log.head(door_group(room.id, key))) if is_waiting else ""
    context = DoorPage(
        path=room.path,
        closed=standing.closed,
        asks_passphrase=bool(standing.policy.passphrase) and standing.closed != "banned",
        asks_admission=standing.policy.is_private and standing.closed in ("passphrase", "private"),
        refusal=refusal,
        seconds=seconds,
        handle=visitor.handle,
        guest=visitor.guest,
        request=await RoomMember.get_or_none(room_id=room.id, visitor=key) if is_waiting else None,
        cursor=cursor,
        live_path=socket_path(f"{room.path}door/live", request, visitor) if is_waiting else "",
        visitor=state["visitors"].page_of(visitor),
    )
    response: Response = state["templates"].page("chat/door.html", context, 403, is_written_on=True)
    # The visitor has to be the same one when the owner opens.
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def come_in(request: Request[ChatState]) -> Response:
    """POST /{label}/door: come in by the passphrase, or ask to be let in."""
    state = request.state
    passphrase, handle, page = await texts(request, "passphrase", "handle", "visitor", limit=FIELD_LIMIT)
    visitor = state["visitors"].of(request, page)
    named = visitor.named(handle or visitor.handle)
    visitor = replace(named, handle=named.handle[:NAME_LIMIT])
    room = await find(asked_label(request))
    standing = await standing_of(visitor, room.id)
    if not standing.may_see and standing.closed != "banned":
        if seconds := state["guess_limit"].hit(visitor):
            state["live"].observer.refused("flooding")
            return await door_page(request, room, visitor, standing, "flooding", seconds)
        if passphrase.strip() and not await _knows(passphrase, standing.policy):
            return await door_page(request, room, visitor, standing, "wrong")
        await _let_in(request, room, visitor, standing, bool(passphrase.strip()))
    response = RedirectResponse(room.path, 303)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def _knows(passphrase: str, policy: RoomPolicy) -> bool:
    if not policy.passphrase or len(passphrase) > PASSPHRASE_LIMIT:
        return False
    return await is_right(passphrase, policy.passphrase)


async def _let_in(request: Request[ChatState], room: Room, visitor: Visitor, standing: Standing, knows: bool) -> None:
    acts = Acts(request.state["live"].writer, room)
    mark = request.state["live"].marks.of_named(room.group, visitor)
    person = person_of(room.id, visitor, mark)
    if knows:
        await acts.let_in(person, "knows", standing.policy.epoch)
    elif standing.policy.is_private:
        await acts.knock(person)
