"""The page of a room's settings, and the owner link."""

from __future__ import annotations

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat import ChatState, Room, asked_label, door_page, find
from webapp.chat.access import Acts, RoomGone, Rules, Standing, person_of, rules_of, standing_of, token_of
from webapp.chat.models import Message
from webapp.live.http import texts
from webapp.live.visitor import Visitor
from webapp.live.writing import BUSY
from webapp.owners.contexts import OwnPage, SettingsPage
from webapp.owners.forms import FORMS, NAMES, FormProblem
from webapp.web import absolute_url

FIELD_LIMIT = 16 * 1024
"""Bytes of one form field, at most."""


class _Asked(NamedTuple):
    """What a request is about: the room, its rules, and the visitor with its standing."""

    room: Room
    rules: Rules
    visitor: Visitor
    standing: Standing


async def settings_page(request: Request[ChatState]) -> Response:
    """GET /{label}/settings: the settings of a room, for whoever looks after it."""
    asked = await _asked(request)
    return asked if isinstance(asked, Response) else await _page(request, asked)


async def change_settings(request: Request[ChatState]) -> Response:
    """POST /{label}/settings: carry out one of the page's forms.

    Raises:
        HTTPException: 403: the visitor may not. 404: the room is gone. 503: the database did not take it.
    """
    fields = dict(zip(NAMES, await texts(request, *NAMES, limit=FIELD_LIMIT), strict=True))
    asked = await _asked(request, fields["visitor"])
    if isinstance(asked, Response):
        return asked
    if seconds := request.state["live"].admit(asked.visitor, False):
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
    try:
        return await _carry_out(request, asked, fields)
    except FormProblem as problem:
        return await _page(request, asked, problem=problem.reason, status=422)
    except RoomGone as error:
        raise HTTPException(404) from error
    except BUSY as error:
        raise HTTPException(503) from error


async def _carry_out(request: Request[ChatState], asked: _Asked, fields: dict[str, str]) -> Response:
    acts = Acts(request.state["live"].writer, asked.room)
    form = FORMS.get(act := fields["act"])
    if act == "claim" and await _may_claim(asked):
        await acts.claim(asked.visitor)
    elif form is not None and asked.standing.may_moderate and (asked.standing.is_owner or form.for_moderators):
        await form.apply(acts, fields)
    elif act == "link" and asked.standing.is_owner:
        return await _page(request, asked, link=await acts.new_owner_link())
    elif act == "delete" and asked.standing.is_owner and fields["sure"]:
        await acts.delete_room()
        return RedirectResponse("/", 303)
    else:
        raise HTTPException(403)
    response = RedirectResponse(f"{asked.room.path}settings?done={act}", 303)
    request.state["visitors"].remember(response, request, asked.visitor, asked.visitor.handle)
    return response


async def own_page(request: Request[ChatState]) -> Response:
    """GET /{label}/own?key=…: ask whether the reader wants to own the room. To open the link changes nothing."""
    visitor = request.state["visitors"].of(request)
    room = await find(asked_label(request))
    key = request.query_params.get("key", "")
    await _require_key(room, key)
    context = OwnPage(room.path, key, request.state["visitors"].page_of(visitor))
    response: Response = request.state["templates"].page("owners/own.html", context, is_written_on=True)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def become_owner(request: Request[ChatState]) -> Response:
    """POST /{label}/own: make the visitor an owner, if the key is that of the valid link."""
    key, page = await texts(request, "key", "visitor", limit=FIELD_LIMIT)
    visitor = request.state["visitors"].of(request, page)
    if seconds := request.state["guess_limit"].hit(visitor):
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
    room = await find(asked_label(request))
    await _require_key(room, key)
    try:
        await Acts(request.state["live"].writer, room).let_in(person_of(room.id, visitor), "owner")
    except BUSY as error:
        raise HTTPException(503) from error
    response = RedirectResponse(f"{room.path}settings", 303)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def _require_key(room: Room, key: str) -> None:
    # A wrong key looks like a room that is not there.
    policy = (await rules_of(room.id)).policy
    if not key or not policy.owner_token or token_of(key) != policy.owner_token:
        raise HTTPException(404)


async def _asked(request: Request[ChatState], page: str = "") -> _Asked | Response:
    room = await find(asked_label(request))
    if not room.id:
        raise HTTPException(404)
    visitor = request.state["visitors"].of(request, page)
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    asked = _Asked(room, await rules_of(room.id), visitor, standing)
    if not standing.may_moderate and not await _may_claim(asked):
        raise HTTPException(403)
    return asked


async def _may_claim(asked: _Asked) -> bool:
    return not asked.rules.has_owner and not await Message.filter(room_id=asked.room.id).exists()


async def _page(
    request: Request[ChatState], asked: _Asked, *, link: str = "", problem: str = "", status: int = 200
) -> Response:
    rules = await rules_of(asked.room.id)
    members = sorted(rules.members.values(), key=lambda one: one.id)
    context = SettingsPage(
        room=asked.room,
        policy=rules.policy,
        is_owner=asked.standing.is_owner,
        may_claim=not asked.standing.may_moderate,
        waiting=[one for one in members if one.role == "waiting"],
        members=[one for one in members if one.role != "waiting"],
        bans=sorted(rules.bans, key=lambda one: -one.id),
        has_link=bool(rules.policy.owner_token),
        lists_rooms=request.state["lists_rooms"],
        link=absolute_url(request, f"{asked.room.path}own", f"key={link}") if link else "",
        done=done if (done := request.query_params.get("done", "")) in FORMS else "",
        problem=problem,
        visitor=request.state["visitors"].page_of(asked.visitor),
    )
    response: Response = request.state["templates"].page("owners/settings.html", context, status, is_written_on=True)
    return response
