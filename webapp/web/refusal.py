"""The answer of a middleware that refuses a request: a page, a line of JSON, or a socket that says why it closes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from webapp.live.contexts import Closed
from webapp.live.fanout import SUBPROTOCOL
from webapp.live.observing import NO_OBSERVER, Observer
from webapp.live.protocol import FORBIDDEN
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
    elif error.reason == "origin":
        await _close(scope, receive, send, error)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await JSONResponse(_data(error), error.status)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": FORBIDDEN, "reason": error.reason})


async def _close(scope: Scope, receive: Receive, send: Send, error: ErrorPage) -> None:
    """Accept a handshake, say why the socket closes, and close it for good.

    If the handshake itself were refused, htmx would try again for ever, and its page could not say why.
    """
    await receive()
    as_json = SUBPROTOCOL in scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if as_json else None})
    told = json.dumps(_data(error)) if as_json else _templates(scope).render("live/_closed.html", Closed(error.reason))
    await send({"type": "websocket.send", "text": told})
    await send({"type": "websocket.close", "code": FORBIDDEN, "reason": error.reason})


def _data(error: ErrorPage) -> dict[str, Any]:
    setting = {"host": "ALLOWED_HOSTS", "origin": "ALLOWED_ORIGINS", "https": "FORCE_HTTPS"}.get(error.reason)
    return {"status": error.status, "reason": error.reason, "refused": error.name, "setting": setting}


def _templates(scope: Scope) -> Templates:
    templates: Templates = scope["state"]["templates"]
    return templates


def _page(scope: Scope, error: ErrorPage) -> Response:
    return _templates(scope).page("error.html", error, error.status)
