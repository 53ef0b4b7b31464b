"""Pages over https alone, where a proxy ends TLS and lets http through."""

from __future__ import annotations

from collections.abc import Awaitable
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.web.origin import Host
from webapp.web.proxies import FORWARDED_HOST, FORWARDED_SCHEME
from webapp.web.refusal import ErrorPage, refuse

STRICT_TRANSPORT = "max-age=2592000"
"""Strict-Transport-Security: for 30 days after its last visit, a browser asks this host over https alone."""

ANSWERED_BY_HTTP = ("/healthz", "/livez", "/readyz", "/metrics")
"""Paths that are answered by http too: a platform and Prometheus ask a process without TLS."""


class RequireHttps:
    """ASGI middleware: sends a browser that came by http to the same address by https.

    Only the word of a trusted proxy counts. A request without one came past the proxy, and a redirect would send a
    client of this machine to a port that speaks no TLS.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass on what came by https, redirect pages, refuse sockets."""
        scheme = scope.get(FORWARDED_SCHEME)
        if scheme == "https" and scope["type"] == "http":
            return self._app(scope, receive, _strict(send))
        if scheme != "http" or scope.get("path") in ANSWERED_BY_HTTP:
            return self._app(scope, receive, send)
        host = scope.get(FORWARDED_HOST) or Host.parse(Headers(scope=scope).get("host"))
        if host is None:
            return refuse(scope, receive, send, ErrorPage(400, "host"))
        if scope["type"] == "websocket":
            return refuse(scope, receive, send, ErrorPage(403, "https", f"https://{host.name}"))
        # The port, where there is one, is that of http. 308 keeps the method, and what a form sends with it.
        return RedirectResponse(f"https://{host.name}{_path(scope)}", 308)(scope, receive, send)


def _path(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path = quote(scope["path"])
    return f"{path}?{query}" if query else path


def _strict(send: Send) -> Send:
    async def send_strict(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Strict-Transport-Security"] = STRICT_TRANSPORT
        await send(message)

    return send_strict
