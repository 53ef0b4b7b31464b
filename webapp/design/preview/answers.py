"""Answers open pages: the socket of pages that have none of their own, and a page as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from webapp.design.preview.additions import Additions
from webapp.design.preview.audience import OwnSockets
from webapp.design.preview.document import KEEPS, empty_ids, parts_of, with_kept, with_typed, without_noscript
from webapp.design.preview.lists import fetched_rows, without_growing
from webapp.design.preview.middleware import PROBLEM

FIELDS = 100_000
"""Fields of a page that are read, at most."""

_REOPENED = {"HX-Trigger": "htmx:ws:after:connection"}
"""Has the page do what it does when its socket opens: it sends its cursor, and asks whether it is up to date.

If the page did not, a message that a frame brought between the rendering of the page and the morph would be missing.
"""

_PROBLEMS = 'id="preview-problems"'

_OURS = ("preview-url", "preview-version", "preview-empty", "preview-in-place", "preview-mark", "preview-reopened")


def answers(additions: Additions, sockets: OwnSockets) -> list[BaseRoute]:
    """Return the routes of the live preview."""

    async def socket(websocket: WebSocket[Any]) -> None:
        """WebSocket /design/preview/live: of a page without a socket of its own."""
        await websocket.accept()
        sockets.add(websocket.send_text)
        try:
            while (await websocket.receive())["type"] == "websocket.receive":
                pass
        finally:
            sockets.discard(websocket.send_text)

    async def page(request: Request[Any]) -> Response:
        """POST /design/preview/page: the page that asks, as it is now, for a morph; 204 if it is that already."""
        form = await request.form(max_fields=FIELDS)
        if "preview-reopened" in form and form.get("preview-version") == additions.version:
            return _problems(additions, form)
        return await _page(request, additions, form)

    async def rows(request: Request[Any]) -> Response:
        """POST /design/preview/rows: the rows that a page has fetched by scrolling, as they are now."""
        form = await request.form()
        _, html = await _fetched(request, str(form.get("preview-url", "/")), (b"hx-request", b"true"))
        return HTMLResponse(fetched_rows(html))

    return [
        Route("/design/preview/page", page, methods=["POST"]),
        Route("/design/preview/rows", rows, methods=["POST"]),
        WebSocketRoute("/design/preview/live", socket),
    ]


async def _page(request: Request[Any], additions: Additions, form: FormData) -> Response:
    headers, html = await _fetched(request, str(form.get("preview-url", "/")))
    parts = parts_of(without_noscript(html)) if headers.get("content-type", "").startswith("text/html") else None
    if parts is None or (PROBLEM in headers and not form.get("preview-in-place")):
        # The last good page stays, with the mistake on it.
        return _problems(additions, form)
    # An element that was rendered empty and is so again has what frames put there. One that was not has lost its text.
    kept = {*str(form.get("preview-empty", "")).split()} & {*empty_ids(html)}
    body, lists = without_growing(with_kept(with_typed(parts.body, _typed(form)), kept), KEEPS)
    if "preview-reopened" not in form:
        # A frame tells of mistakes. One that was sent after this rendering may come before its morph.
        body = body.replace(_PROBLEMS, f"{_PROBLEMS} {KEEPS}")
    head = f'<hx-partial hx-target="head" hx-swap="innerMorph">{parts.head}</hx-partial>'
    return HTMLResponse(f"<html><body{parts.attributes}>{body}{head}{lists}</body></html>", headers=_REOPENED)


def _problems(additions: Additions, form: FormData) -> Response:
    # A page that has asked because of a frame gets another one when the templates have been checked.
    if "preview-reopened" not in form or form.get("preview-mark") == additions.mark:
        return Response(status_code=204)
    # The page asks once more: what it gets here may be older than a frame that came before it.
    return HTMLResponse(additions.problems_frame(), headers=_REOPENED)


def _typed(form: FormData) -> Mapping[str, Sequence[str]]:
    return {name: [text for text in form.getlist(name) if isinstance(text, str)] for name in form if name not in _OURS}


async def _fetched(request: Request[Any], url: str, *more: tuple[bytes, bytes]) -> tuple[Headers, str]:
    """Return the answer of this app to a request for `url` by the same browser, with `more` headers."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await request.app(_scope(request, url, more), receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Headers(raw=sent[0]["headers"]), body.decode("utf-8", "replace")


def _scope(request: Request[Any], url: str, more: Sequence[tuple[bytes, bytes]]) -> Scope:
    path, _, query = url.partition("?")
    # If htmx's own headers went along, some paths would answer with a fragment.
    left_out = (b"hx-", b"content-", b"accept-encoding", b"if-", b"origin")
    headers = [*more] + [pair for pair in request.scope["headers"] if not pair[0].startswith(left_out)]
    kept = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path")
    return {
        **{name: request.scope[name] for name in kept if name in request.scope},
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "state": dict(request.scope["state"]),
    }
