"""The name that a browser is remembered by."""

from __future__ import annotations

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response

from webapp.live.http.forms import texts
from webapp.live.http.visitors import Visitors


class NameState(TypedDict):
    """What this page needs of the lifespan's state."""

    visitors: Visitors


async def remember_name(request: Request[NameState]) -> Response:
    """POST /me/ with `handle`, and `visitor` from the page: keep the visitor's name in its cookie."""
    handle, page = await texts(request, "handle", "visitor", limit=1024)
    visitors = request.state["visitors"]
    response = Response(status_code=204)
    visitors.remember(response, request, visitors.of(request, page), handle)
    return response
