"""Adds the preview's element to each page, and shows the mistake in place of a page that cannot be rendered."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.design.preview.additions import Additions
from webapp.design.preview.templates import BrokenTemplate

PROBLEM = "X-Preview-Problem"
"""A header of the answer in place of a page that cannot be rendered."""


class PreviewPages:
    """ASGI middleware, the innermost one.

    Args:
        app: The app.
        additions: Makes the element.
    """

    def __init__(self, app: ASGIApp, additions: Additions) -> None:
        self._app = app
        self._additions = additions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the page that answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page = _Page(scope, send, self._additions)
        try:
            await self._app(scope, receive, page.send)
        except BrokenTemplate:
            if page.has_begun:
                raise
            headers = {"Cache-Control": "no-store", PROBLEM: "template"}
            html = self._additions.problem_page(_url(scope))
            await HTMLResponse(html, 500, headers=headers)(scope, receive, send)


class _Page:
    """One answer on its way out.

    A page comes in one piece, and gets the element. What streams, and what is no page, passes as it is.
    """

    def __init__(self, scope: Scope, send: Send, additions: Additions) -> None:
        self._scope = scope
        self._send = send
        self._additions = additions
        self._start: Message | None = None
        # If the version were read at the end, a file saved meanwhile would count as shown.
        self._version = additions.version
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self._start = message
                return
        start, self._start = self._start, None
        if start is not None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._add(start, message)
            await self._send(start)
        await self._send(message)

    def _add(self, start: Message, message: Message) -> None:
        html = message.get("body", b"").decode("utf-8", "replace")
        if html and (added := self._additions.to_page(html, _url(self._scope), self._version)) is not None:
            message["body"] = added.encode()
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(message["body"]))


def _url(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or scope["path"]
    return f"{path}?{query}" if query else path
