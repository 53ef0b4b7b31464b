"""Keeps the name that a visitor chose in its cookie."""

from __future__ import annotations

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response

from webapp.live.http import Visitors, texts


class NameState(TypedDict):
    """The part of the lifespan's state that this page needs.

    Attributes:
        visitors: Recognises visitors.
    """

    visitors: Visitors


async def remember_name(request: Request[NameState]) -> Response:
    """POST /me/ with the fields `handle` and `visitor`: set the cookie with the visitor's name."""
    handle, page = await texts(request, "handle", "visitor", limit=1024)
    visitors = request.state["visitors"]
    response = Response(status_code=204)
    visitors.remember(response, request, visitors.of(request, page), handle)
    return response
