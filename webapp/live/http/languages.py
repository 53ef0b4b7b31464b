"""Finds the language of each request: the page's own, the one that the reader chose, or one that the browser asks for.

The language that a reader chooses is kept in a cookie. Where the browser keeps none, the page carries it in its query,
`?language=lt`, and hands it on to the pages that are opened from it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Collection, Sequence
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from webapp.live.templating import Templates

COOKIE = "language"
"""The name of the cookie, and of the part of a query, that hold the tag of a language."""

CHOICE = "choose-language"
"""The part of the query with which a form chooses a language."""

MAX_AGE = 365 * 24 * 3600
"""Seconds that a browser keeps the choice."""

LENGTH = 1000
"""Characters of an Accept-Language header that are read. Browsers send less than a tenth of it."""

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?"
)


def negotiated(header: str, offered: Sequence[str]) -> str:
    """Return the offered language that an Accept-Language header likes best; the first one, if it likes none.

    Werkzeug's parser would give English to a browser that asks for `lt-LT, en;q=0.5` where `lt` is offered: it looks
    for `lt` only when nothing matches as a whole. Babel's negotiation reads no weights, and knows no `pt` where `pt-BR`
    is offered.

    Args:
        header: The header, with anything in it.
        offered: Tags of languages, at least one.
    """
    matches = [_RANGE.fullmatch(part) for part in header[:LENGTH].split(",")]
    weighed = [(float(match[2] or 1), match[1]) for match in matches if match]
    refused = {tag.lower() for weight, tag in weighed if not weight}
    left = [one for one in offered if one.lower() not in refused]
    for _, tag in sorted((one for one in weighed if one[0]), key=lambda one: -one[0]):
        if tag == "*" and left:
            return left[0]
        if found := _closest(tag.lower(), left):
            return found
    return (left or offered)[0]


def _closest(tag: str, offered: Sequence[str]) -> str | None:
    """Return `tag` itself, or else it with less at its end, or else another one of the same language (RFC 4647)."""
    by_tag = {one.lower(): one for one in offered}
    parts = tag.split("-")
    shorter = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
    akin = (one for one in offered if one.lower().split("-")[0] == parts[0])
    return next((by_tag[each] for each in shorter if each in by_tag), None) or next(akin, None)


class Languages:
    """ASGI middleware: gives each request and each handshake the templates in its reader's language.

    It replaces `templates` in the state of the request by the same templates in that language, so it stands before all
    middleware that answers with pages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on."""
        if scope["type"] in ("http", "websocket") and "templates" in scope.get("state", {}):
            templates: Templates = scope["state"]["templates"]
            scope["state"]["templates"] = templates.in_language(_language(scope, templates))
        return self._app(scope, receive, send)


class LanguageChoice:
    """ASGI middleware: remembers the language that a reader chooses, and keeps it where there is no cookie.

    A form chooses by a POST to the page that it stands on, `?choose-language=lt`, and gets that page again. So it needs
    no script, and nobody can make it lead to another site. It stands behind `Languages`, and behind the middleware that
    refuses posts from other sites.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer the choice of a language; pass on all else."""
        return (_answer(scope) or self._app)(scope, receive, send)


def _answer(scope: Scope) -> ASGIApp | None:
    if scope["type"] != "http" or "templates" not in scope.get("state", {}):
        return None
    templates: Templates = scope["state"]["templates"]
    offered = [one.code for one in templates.languages]
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if scope["method"] == "POST" and asked.get(CHOICE) in offered:
        return _chosen(scope, asked[CHOICE])
    if scope["method"] == "GET" and len(offered) > 1 and "text/html" in Headers(scope=scope).get("accept", ""):
        return _carried_on(scope, offered, asked)
    return None


def _chosen(scope: Scope, code: str) -> ASGIApp:
    # Whether the browser keeps the cookie shows at its next request. Until then the page has its language by the query.
    connection: HTTPConnection[Any] = HTTPConnection(scope)
    response = RedirectResponse(_location(scope, {COOKIE: code}), 303)
    response.set_cookie(
        COOKIE,
        code,
        max_age=MAX_AGE,
        path="/",
        httponly=True,
        samesite="lax",
        secure=connection.url.scheme == "https",
    )
    return response


def _carried_on(scope: Scope, offered: Collection[str], asked: dict[str, str]) -> ASGIApp | None:
    """Return the redirect to the same page with its language in the query, or without; None: it is right as it is."""
    headers = Headers(scope=scope)
    if "hx-request" in headers:
        return None
    kept = _cookie(scope)
    if kept and asked.get(COOKIE) == kept:
        return _redirect(scope, {name: value for name, value in asked.items() if name != COOKIE})
    if not kept and COOKIE not in asked and (carried := _of_page(headers)) in offered:
        return _redirect(scope, {**asked, COOKIE: carried})
    return None


def _redirect(scope: Scope, query: dict[str, str]) -> ASGIApp:
    return RedirectResponse(_location(scope, query), 303, headers={"Cache-Control": "no-store"})


def _location(scope: Scope, query: dict[str, str]) -> str:
    # If the location began with two slashes, or a slash and a backslash, browsers would go to another host.
    path = f"/{quote(scope['path'].lstrip('/'))}"
    return f"{path}?{urlencode(query)}" if query else path


def _language(scope: Scope, templates: Templates) -> str:
    offered = [one.code for one in templates.languages]
    if len(offered) == 1:
        return offered[0]
    headers = Headers(scope=scope)
    asked = parse_qs(scope["query_string"].decode("latin-1")).get(COOKIE, [""])[0]
    kept, carried = _cookie(scope), _of_page(headers)
    # htmx puts the answer into a page that is there already.
    order = [asked, carried, kept] if "hx-request" in headers else [asked, kept, carried]
    known = next((code for code in order if code in offered), None)
    return known or negotiated(headers.get("accept-language", ""), offered)


def _cookie(scope: Scope) -> str:
    connection: HTTPConnection[Any] = HTTPConnection(scope)
    return connection.cookies.get(COOKIE, "")


def _of_page(headers: Headers) -> str:
    """Return the language in the query of the page that made the request; empty: there is none, or another site's."""
    try:
        page = urlsplit(headers.get("referer", ""))
        same = page.netloc == headers.get("host", "")
        return parse_qs(page.query).get(COOKIE, [""])[0] if same else ""
    except ValueError:
        return ""
