"""A short id for each request and each socket, so that the lines of the log about one can be found together."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request or socket that is served now; empty outside of one."""


class RequestIds:
    """ASGI middleware: gives each request and each handshake an id of 8 hexadecimal digits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass on the request."""
        # The server runs each in a task of its own, whose context ends with it. No coroutine of our own for a socket:
        # it would stay for as long as the socket is open.
        if scope["type"] != "lifespan":
            request_id.set(secrets.token_hex(4))
        return self._app(scope, receive, send)
