"""Leads to the files that browsers and crawlers ask every site for, under addresses that they take for granted."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

FILES = {"/robots.txt": "/static/robots.txt", "/favicon.ico": "/static/icon.svg"}
"""The URL of each file. Pages name the icon themselves; feed readers and old browsers ask for /favicon.ico."""


async def well_known(request: Request[Any]) -> Response:
    """GET an address in FILES: a redirect to the file."""
    return RedirectResponse(FILES[request.url.path], 307, headers={"Cache-Control": "public, max-age=86400"})
