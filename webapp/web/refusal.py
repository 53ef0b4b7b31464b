"""How a middleware refuses: a page for a browser, a line of JSON in a socket's handshake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from webapp.live.templating.templates import Templates


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """For error.html.

    Attributes:
        status: The HTTP status, 400 to 599.
        reason: `host`, `origin`, `https`, or empty where the status says enough.
        name: The host or origin that was refused, as its setting takes it, or the origin to ask instead; else empty.
    """

    status: int
    reason: str = ""
    name: str = ""


async def refuse(scope: Scope, receive: Receive, send: Send, error: ErrorPage) -> None:
    """Answer the request in `scope` with an error, or its handshake."""
    if scope["type"] == "http":
        await _page(scope, error)(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        setting = {"host": "ALLOWED_HOSTS", "origin": "ALLOWED_ORIGINS", "https": "FORCE_HTTPS"}.get(error.reason)
        body = {"status": error.status, "reason": error.reason, "refused": error.name, "setting": setting}
        await JSONResponse(body, error.status)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 4403, "reason": error.reason})


def _page(scope: Scope, error: ErrorPage) -> Response:
    templates: Templates = scope["state"]["templates"]
    return templates.page("error.html", error, error.status)
