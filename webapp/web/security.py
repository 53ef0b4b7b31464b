"""Middleware for security: response headers, and refusals of requests for other hosts or from other origins."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Collection, Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.live.http import Visitors
from webapp.web.origin import Host, Origin
from webapp.web.proxies import FORWARDED_HOST
from webapp.web.refusal import ErrorPage, refuse

logger = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
    " form-action 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every response."""

FRAMED_HERE = HEADERS | {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self';"
    " form-action 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Headers of a response that pages of this app may show in a frame: one that says X-Frame-Options: SAMEORIGIN."""

IN_FRAMES = HEADERS | {
    "Content-Security-Policy": "default-src 'self'; script-src 'none'; base-uri 'none'; object-src 'none';"
    " frame-ancestors 'self'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Headers of the gallery's frames. They run no scripts and send no forms."""

ANSWERED_ANYWHERE = ("/healthz", "/livez", "/readyz", "/metrics")
"""Paths that the app answers under any host: a platform and Prometheus ask each process by its address.

If another site gives its own name this machine's address, a page of that site can ask for them. Such a page learns
nothing of /metrics, which needs a token.
"""


class SecurityHeaders:
    """ASGI middleware: every response carries HEADERS.

    Args:
        app: The app behind it.
        framed: The start of the paths whose responses carry IN_FRAMES instead; empty: there are none.
    """

    def __init__(self, app: ASGIApp, framed: str = "") -> None:
        self._app = app
        self._framed = framed

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on, and add the headers to the response."""
        # If a socket had a coroutine here too, its memory would stay for as long as the socket is open.
        return (self._answer if scope["type"] == "http" else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = IN_FRAMES if self._framed and scope["path"].startswith(self._framed) else HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                own.update(FRAMED_HERE if own.get("X-Frame-Options") == "SAMEORIGIN" else headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class AllowedHosts:
    """ASGI middleware: refuses requests to other hosts than `allowed`, except for ANSWERED_ANYWHERE.

    Args:
        app: The app behind it.
        allowed: Names, `*.` and a domain, or `*`.
        local: The server listens on this machine alone, and ALLOWED_HOSTS is not set. The app then answers a browser's
            request over TLS under any name. A page that rebinds its name to this machine has no certificate for it,
            so TLS means that a proxy on this machine passed the request on.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str], local: bool = False) -> None:
        self._app = app
        self._allowed = tuple(allowed)
        self._local = local

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a request for an allowed host on, and refuse others."""
        if scope["type"] not in ("http", "websocket") or "*" in self._allowed or self._is_ours(scope):
            return self._app(scope, receive, send)
        host = Headers(scope=scope).get("host", "")
        named = Host.parse(host)
        logger.warning(
            "refused a request for the host %a; if it is this app's, set ALLOWED_HOSTS=%s",
            host[:200],
            named.name if named and named.name.isascii() else "…",
        )
        return refuse(scope, receive, send, ErrorPage(400, "host", named.name if named else ""))

    def _is_ours(self, scope: Scope) -> bool:
        if scope["type"] == "http" and scope["path"] in ANSWERED_ANYWHERE:
            return True
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = Host.parse(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            return False
        if self._is_allowed(host):
            return True
        forwarded: Host | None = scope.get(FORWARDED_HOST)
        if self._local:
            return _came_over_tls(headers)
        # If a forwarded host counted beside a name, somebody in the same network could claim a name without a dot for
        # this machine. Nobody can claim an address, so it counts beside an address only.
        return forwarded is not None and host.address is not None and self._is_allowed(forwarded)

    def _is_allowed(self, host: Host) -> bool:
        return (self._local and host.is_loopback) or any(host.matches(pattern) for pattern in self._allowed)


class SameOrigin:
    """ASGI middleware: only pages of this app, and of `allowed` origins, may post forms and open sockets.

    Over TLS, or to its own machine, a browser says in Sec-Fetch-Site which site a request comes from, though some
    browsers do not for sockets. Otherwise, this middleware compares the Origin with the address of the request. A
    request with neither header does not come from a page, and passes.

    Args:
        app: The app behind it.
        allowed: Further origins.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(Origin.parse(origin) for origin in allowed)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a request of an allowed page on, and refuse others."""
        headers = Headers(scope=scope) if _acts(scope) else None
        if headers is None or self._is_ours(scope, headers):
            return self._app(scope, receive, send)
        origin = Origin.parse(headers.get("origin", ""))
        own = _own_origins(scope, headers)
        logger.warning(
            "refused a request of the origin %a to %s; if that is a page of yours, set ALLOWED_ORIGINS=%s,"
            " or have the proxy pass on the host with its port (X-Forwarded-Host) and the scheme (X-Forwarded-Proto),"
            " and name it in FORWARDED_ALLOW_IPS",
            headers.get("origin", "")[:200],
            ascii(str(own[0]) if own else "no host")[1:-1][:200],
            ascii(str(origin))[1:-1][:200] if origin else "…",
        )
        return refuse(scope, receive, send, ErrorPage(403, "origin", str(origin or "")))

    def _is_ours(self, scope: Scope, headers: Headers) -> bool:
        text = headers.get("origin")
        origin = None if text is None else Origin.parse(text)
        if origin is not None and origin in self._allowed:
            return True
        site = headers.get("sec-fetch-site", "").strip().lower()
        if site in ("cross-site", "same-site"):
            return False
        # "none" means that the visitor opened the URL, as from a bookmark. An Origin beside it is checked as well.
        if site == "same-origin" or text is None:
            return True
        return origin is not None and (origin in _own_origins(scope, headers) or _has_page_token(scope))


def _own_origins(scope: Scope, headers: Headers) -> Sequence[Origin]:
    """Return the origins of pages with the address of this request."""
    scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
    hosts = (Host.parse(headers.get("host")), scope.get(FORWARDED_HOST))
    return [host.origin(scheme) for host in hosts if host is not None]


def _has_page_token(scope: Scope) -> bool:
    """Return whether the page that opens this socket is one that this app made for the same visitor."""
    if scope["type"] != "websocket":
        return False
    connection: HTTPConnection[Any] = HTTPConnection(scope)
    visitors: Visitors = connection.state["visitors"]
    return visitors.has_token(connection)


def _came_over_tls(headers: Headers) -> bool:
    # No script can set these two headers. A browser sends Sec-Fetch-Site over TLS, or to a loopback name only.
    return "sec-fetch-site" in headers or headers.get("origin", "").lower().startswith("https://")


def _acts(scope: Scope) -> bool:
    return scope["type"] == "websocket" or (
        scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
    )
