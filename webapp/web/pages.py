"""Pages that belong to no feature."""

from __future__ import annotations

import logging
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from webapp.live.binding import Refused
from webapp.live.database import is_away
from webapp.live.templating import Templates
from webapp.live.writing import WriteProbe, WriterBusy
from webapp.web.refusal import ErrorPage
from webapp.web.security import HEADERS

logger = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds after which a browser may ask again if the connection to the database is lost."""


class PageState(TypedDict):
    """The part of the lifespan's state that these pages need.

    Attributes:
        probe: Shows whether the database takes writes.
        templates: Renders pages.
    """

    probe: WriteProbe
    templates: Templates


async def health(request: Request[PageState]) -> Response:
    """GET /healthz: `ok` if this process can write to the database; else 503 with the reason."""
    trouble = await request.state["probe"].trouble()
    return PlainTextResponse(f"no write can succeed: {trouble}", 503) if trouble else PlainTextResponse("ok")


async def error_page(request: Request[Any], error: Exception) -> Response:
    """Return the error page for an HTTPException, or for an error that no route has handled."""
    status = _status(error)
    # A missing page refuses nobody anything, and the reason of a refused action was counted where it was refused.
    if status != 404 and not isinstance(error.__cause__, Refused):
        request.state["observer"].refused(str(status))
    templates: Templates = request.state["templates"]
    response = templates.page("error.html", ErrorPage(status), status)
    # Starlette answers an unhandled error outside of the middleware. Without this line, its page would lack HEADERS.
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
    return 503 if isinstance(error, WriterBusy) or is_away(error) else 500
