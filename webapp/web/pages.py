"""Pages that belong to no feature."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from webapp.live.database import is_away
from webapp.live.templating.templates import Templates
from webapp.live.writing import WriteProbe
from webapp.web.refusal import ErrorPage
from webapp.web.security import HEADERS

logger = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds after which a browser may ask again when the database is away."""


class PageState(TypedDict):
    """What these pages need of the lifespan's state."""

    probe: WriteProbe
    templates: Templates


@dataclass(frozen=True, slots=True)
class About:
    """For about.html."""


async def about(request: Request[PageState]) -> Response:
    """GET /: what this is."""
    return request.state["templates"].page("about.html", About())


async def health(request: Request[PageState]) -> Response:
    """GET /healthz: that this process answers, and can write; or why it cannot, with 503."""
    trouble = await request.state["probe"].trouble()
    return PlainTextResponse(f"no write can succeed: {trouble}", 503) if trouble else PlainTextResponse("ok")


async def error_page(request: Request[Any], error: Exception) -> Response:
    """What is shown for an HTTPException, and for anything unforeseen."""
    status = _status(error)
    templates: Templates = request.state["templates"]
    response = templates.page("error.html", ErrorPage(status), status)
    # What is unforeseen is answered outside of the middleware that adds them to everything else.
    response.headers.update(HEADERS)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    if status == 503:
        logger.warning("%a could not be answered: %r", request.url.path, error)
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return 503 if is_away(error) else 500
