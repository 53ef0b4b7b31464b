"""The pages on which a visitor chooses its name, goes on on another device, and is forgotten."""

from __future__ import annotations

from typing import Any, TypedDict
from urllib.parse import urlencode

import segno
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webapp.chat import forget_cookie
from webapp.identity.contexts import HerePage, YouPage
from webapp.live.http import TRANSFER_AGE, Visitors, texts
from webapp.live.templating import Templates
from webapp.live.visitor import Visitor
from webapp.web import Flood, absolute_url

FIELD_LIMIT = 2048
"""Bytes of one form field, at most."""


class IdentityState(TypedDict):
    """The part of the lifespan's state that these pages need.

    Attributes:
        templates: Renders pages.
        visitors: Recognises visitors.
        guess_limit: Bounds how often a visitor tries secrets.
    """

    templates: Templates
    visitors: Visitors
    guess_limit: Flood


async def own_page(request: Request[IdentityState]) -> Response:
    """GET /me/?back=PATH: the visitor's name, and what it may do about it."""
    return _page(request, request.state["visitors"].of(request), request.query_params.get("back", ""))


async def remember_name(request: Request[IdentityState]) -> Response:
    """POST /me/ with the fields `handle` and `visitor`: set the cookie with the visitor's name.

    Raises:
        HTTPException: 429: the visitor has tried many secrets.
    """
    handle, page = await texts(request, "handle", "visitor", limit=FIELD_LIMIT)
    state = request.state
    visitor = state["visitors"].of(request, page)
    # A room's page tells its visitor's mark, so that without a limit a program could try all short secrets.
    if visitor.named(handle).alias != visitor.alias and (seconds := state["guess_limit"].hit(visitor)):
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
    response = Response(status_code=204)
    state["visitors"].remember(response, request, visitor, handle)
    return response


async def move(request: Request[IdentityState]) -> Response:
    """POST /me/move: show a link that takes the visitor to another device."""
    page, back = await texts(request, "visitor", "back", limit=FIELD_LIMIT)
    visitor = request.state["visitors"].of(request, page)
    key, back = request.state["visitors"].transfer_of(visitor), _path(back)
    query = urlencode({"key": key} | ({"back": back} if back else {}))
    return _page(request, visitor, back, absolute_url(request, "/me/here", query))


async def here_page(request: Request[IdentityState]) -> Response:
    """GET /me/here?key=…: ask whether this browser shall become the visitor. To open the link changes nothing."""
    key = request.query_params.get("key", "")
    visitor = _moved(request, key)
    back = _path(request.query_params.get("back", ""))
    return request.state["templates"].page("identity/here.html", HerePage(visitor.handle or visitor.guest, key, back))


async def become(request: Request[IdentityState]) -> Response:
    """POST /me/here: become the visitor of the link."""
    key, back = await texts(request, "key", "back", limit=FIELD_LIMIT)
    visitor = _moved(request, key)
    response = RedirectResponse(_path(back) or "/me/", 303)
    request.state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


async def forget(request: Request[Any]) -> Response:
    """POST /me/forget: make the browser a new visitor. Nothing that the old one said or owned comes back to it."""
    response = RedirectResponse("/", 303)
    request.state["visitors"].forget(response, request)
    forget_cookie(response, request)
    return response


def _moved(request: Request[IdentityState], key: str) -> Visitor:
    visitor = request.state["visitors"].of_transfer(key)
    if visitor is None:
        raise HTTPException(404)
    return visitor


def _page(request: Request[IdentityState], visitor: Visitor, back: str, link: str = "") -> Response:
    state = request.state
    context = YouPage(
        name=visitor.handle or visitor.guest,
        has_secret=bool(visitor.alias),
        back=_path(back),
        link=link,
        code=_code(link) if link else Markup(),
        minutes=TRANSFER_AGE // 60,
        visitor=state["visitors"].page_of(visitor),
    )
    response: Response = state["templates"].page("identity/page.html", context, is_written_on=True)
    state["visitors"].remember(response, request, visitor, visitor.handle)
    return response


def _code(link: str) -> Markup:
    code = segno.make(link, error="l", micro=False)
    # The class names are those of the library; the style sheet gives the colours.
    return Markup(code.svg_inline(border=3, omitsize=True, svgclass="code", lineclass=None))  # noqa: S704 (no text)


def _path(text: str) -> str:
    """Return the URL path of a room in `text`, or an empty text: a link must not lead to another site."""
    parts = text.split("/")
    is_room = len(parts) == 3 and not parts[0] and not parts[2] and parts[1]
    return text if is_room and "\\" not in text and text.isprintable() else ""
