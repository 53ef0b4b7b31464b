"""A short id for each request and each socket, by which the lines of the log about one can be found."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request or socket that the current task serves; empty where it serves none."""


class RequestIds:
    """ASGI middleware: gives each request and each handshake an id of 8 hexadecimal digits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass on the request."""
        # The server runs each request in a task of its own, so the id ends with the task. If this method were a
        # coroutine, each open socket would keep one in memory.
        if scope["type"] != "lifespan":
            request_id.set(secrets.token_hex(4))
        return self._app(scope, receive, send)
