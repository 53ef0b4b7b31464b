"""The style sheet by which a visitor's own messages look different on the visitor's page alone."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp.live.marks import BEGINNING

SHEET = '@layer pages{{[data-by^="{mark}"]{{--is-own:1;--ground:var(--own)}}}}'
"""Marks the messages of one visitor; static/css/ says what that looks like."""

HEADERS = {"Cache-Control": "public, max-age=86400"}
"""The sheet is about its own URL alone, so any cache may keep it."""


def path_of(mark: str) -> str:
    """Return the URL path of the sheet for the beginning of a mark."""
    return f"/me/{mark}.css"


async def own_style(request: Request) -> Response:
    """GET /me/{mark}.css: the sheet for the visitor whose marks in a room begin so.

    The page of a room names it. Everybody may ask for it, since each message tells the mark of its sender: so the
    sheet needs no cookie, and works where a browser keeps none.

    Raises:
        HTTPException: 404: the text in the URL is no beginning of a mark.
    """
    mark = request.path_params["mark"]
    # If any other text came into the sheet, its author could write rules for the visitor's page.
    if not BEGINNING.fullmatch(mark):
        raise HTTPException(404)
    return Response(SHEET.format(mark=mark), media_type="text/css", headers=HEADERS)
