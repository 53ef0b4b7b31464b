"""The page on which a browser does the computation that a room asks for."""

from __future__ import annotations

import time
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat.access import standing_of
from webapp.chat.contexts import WorkPage
from webapp.chat.door import door_page
from webapp.chat.rooms import find
from webapp.chat.state import ChatState, asked_label
from webapp.chat.work import COUNTS_FOR
from webapp.live.http import texts
from webapp.live.visitor import Visitor

FIELD_LIMIT = 8 * 1024
"""Bytes of one form field, at most."""


async def work_page(request: Request[ChatState]) -> Response:
    """GET /{label}/work: the computation, for a visitor who may see the room."""
    return await _page(request, request.state["visitors"].of(request))


async def hand_in(request: Request[ChatState]) -> Response:
    """POST /{label}/work: check the result, and let the visitor write."""
    result, page = await texts(request, "altcha", "visitor", limit=FIELD_LIMIT)
    visitor = request.state["visitors"].of(request, page)
    if not request.state["work"].is_done(visitor, result):
        request.state["live"].observer.refused("work")
        return await _page(request, visitor, failed=True)
    visitor = replace(visitor, worked_until=int(time.time()) + COUNTS_FOR)
    response = RedirectResponse(f"/{asked_label(request)}/", 303)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def _page(request: Request[ChatState], visitor: Visitor, failed: bool = False) -> Response:
    state = request.state
    room = await find(asked_label(request))
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)
    context = WorkPage(room.path, state["work"].challenge(visitor), failed, state["visitors"].page_of(visitor))
    status = 422 if failed else 200
    response: Response = state["templates"].page("chat/work.html", context, status, is_written_on=True)
    # The result counts for this visitor alone.
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response
