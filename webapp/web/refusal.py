"""The answer of a middleware that refuses a request: a page for a browser, a line of JSON for a handshake."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from webapp.live.observing import NO_OBSERVER, Observer
from webapp.live.templating import Templates


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """For error.html.

    Attributes:
        status: The HTTP status, 400 to 599.
        reason: `host`, `origin`, `https`, or empty if the status says enough.
        name: The refused host or origin, as its setting takes it, or the origin to ask instead; empty if there is none.
    """

    status: int
    reason: str = ""
    name: str = ""


async def refuse(scope: Scope, receive: Receive, send: Send, error: ErrorPage) -> None:
    """Answer a request, or a handshake, with an error.

    Args:
        scope: The ASGI scope.
        receive: Returns the next ASGI event.
        send: Sends an ASGI event.
        error: The context of the error page.
    """
    observer: Observer = scope.get("state", {}).get("observer", NO_OBSERVER)
    observer.refused(error.reason or str(error.status))
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
