"""The operator's page, and its forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.websockets import WebSocket

from webapp.admin.bindings import SHOWN
from webapp.admin.contexts import AdminDoor, AdminPage, BusyRoom, TaskLine
from webapp.admin.session import PATH, AdminSession
from webapp.chat import ChatState, Room
from webapp.chat.access import OPERATOR, Acts, MessageReport, RoomGone
from webapp.chat.models import Message
from webapp.live.http import socket_path, texts
from webapp.live.protocol import Stream
from webapp.live.writing import BUSY
from webapp.tasks import rows

FIELD_LIMIT = 4096
"""Bytes of one form field, at most."""

LATELY = 2000
"""The newest messages, among which the page counts those of each room."""

STREAMS = ("report", "allbans")
"""The streams of the page."""

_ID = re.compile(r"[0-9]{1,18}")


class AdminState(ChatState):
    """The part of the lifespan's state that the page needs.

    Attributes:
        admin: Knows who has given the token.
        limits: The limits in force, by the names of their settings.
    """

    admin: AdminSession
    limits: Sequence[tuple[str, str]]


async def admin_page(request: Request[AdminState]) -> Response:
    """GET /admin/: the page, or the question for the token.

    Raises:
        HTTPException: 404: the deployment has no token.
    """
    state = request.state
    if not state["admin"].is_possible:
        raise HTTPException(404)
    if not state["admin"].has(request):
        return _door(request)
    visitor = state["visitors"].of(request)
    # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
    cursor = await state["live"].hub.log.head(OPERATOR)
    context = AdminPage(
        cursor=str(cursor),
        live_path=socket_path(f"{PATH}live", request, visitor),
        reports=await state["bindings"]["report"].rows.shown(OPERATOR),
        busy=await _busy(),
        rooms=await Room.all().order_by("-id").limit(SHOWN),
        bans=await state["bindings"]["allbans"].rows.shown(OPERATOR),
        tasks=[_task(row) for row in await rows()],
        limits=state["limits"],
        visitor=state["visitors"].page_of(visitor),
    )
    response: Response = state["templates"].page("admin/page.html", context, is_written_on=True)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def change(request: Request[AdminState]) -> Response:
    """POST /admin/: give the token, or carry out a form of the page.

    Raises:
        HTTPException: 403: the visitor has not given the token. 404: there is no such page, room or report.
    """
    act, token, label, report, sure = await texts(request, "act", "token", "label", "report", "sure", limit=FIELD_LIMIT)
    admin = request.state["admin"]
    if not admin.is_possible:
        raise HTTPException(404)
    if act == "enter":
        return _enter(request, token)
    if not admin.has(request):
        raise HTTPException(403)
    response = RedirectResponse(PATH, 303)
    if act == "leave":
        admin.forget(response)
        return response
    try:
        await _carry_out(request, act, label, report, bool(sure))
    except RoomGone as error:
        raise HTTPException(404) from error
    except BUSY as error:
        raise HTTPException(503) from error
    return response


async def admin_streams(websocket: WebSocket[AdminState]) -> Mapping[str, Stream]:
    """WebSocket /admin/live: return the streams of the page.

    Raises:
        HTTPException: 404: the visitor has not given the token.
    """
    if not websocket.state["admin"].has(websocket):
        raise HTTPException(404)
    bindings = websocket.state["bindings"]
    return {stream: Stream(bindings[stream], OPERATOR) for stream in STREAMS}


def _enter(request: Request[AdminState], token: str) -> Response:
    visitor = request.state["visitors"].of(request)
    if request.state["guess_limit"].hit(visitor):
        request.state["live"].observer.refused("flooding")
        return _door(request, "flooding")
    if not request.state["admin"].is_token(token):
        return _door(request, "wrong")
    response = RedirectResponse(PATH, 303)
    request.state["admin"].remember(response, request)
    return response


def _door(request: Request[AdminState], refusal: str = "") -> Response:
    response: Response = request.state["templates"].page("admin/door.html", AdminDoor(refusal), 403)
    return response


async def _carry_out(request: Request[AdminState], act: str, label: str, report: str, sure: bool) -> None:
    room = await Room.get_or_none(label=label)
    if room is None or (report and not _ID.fullmatch(report)):
        raise HTTPException(404)
    acts = Acts(request.state["live"].writer, room)
    if act == "dismiss" and report:
        await acts.dismiss_report(int(report))
    elif act == "delete_message" and report:
        found = await MessageReport.get_or_none(id=int(report), room_id=room.id)
        if found is not None:
            await acts.delete_message(found.message_id)
            await acts.dismiss_report(found.id)
    elif act in ("lock", "unlock"):
        await acts.set_rules(is_locked=act == "lock")
    elif act == "delete_room" and sure:
        await acts.delete_room()
    else:
        raise HTTPException(403)


async def _busy() -> Sequence[BusyRoom]:
    # If this counted all messages, the page of a large deployment would take seconds.
    lately = await Message.all().order_by("-id").limit(LATELY).values_list("room_id", flat=True)
    counts = Counter(lately).most_common(SHOWN)
    rooms = {room.id: room for room in await Room.filter(id__in=[room_id for room_id, _ in counts])}
    return [BusyRoom(rooms[room_id], count) for room_id, count in counts if room_id in rooms]


def _task(row: Mapping[str, Any]) -> TaskLine:
    ago = None if row["started"] is None else int(row["started"] // 1000)
    return TaskLine(f"{row['name']} {row['key']}".strip(), ago, " ".join((row["error"] or "").split())[:200])
