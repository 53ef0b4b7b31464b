"""Redirects a URL with a missing or a needless slash at its end to the right path."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import Receive, Scope, Send


def redirect_slashes_by_path(router: Router) -> None:
    """Make `router` redirect `/tea` to `/tea/` if only that is a page, without naming scheme or host.

    Starlette's own redirect names both as this process sees them. Behind a proxy that ends TLS, or that calls the app
    by another name, it would send the browser to another address than the one that it asked for.
    """
    router.redirect_slashes = False
    not_found = router.default

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = _other(scope)
        if path is not None and any(
            route.matches({**scope, "path": path})[0] is not Match.NONE for route in router.routes
        ):
            await RedirectResponse(_location(path, scope["query_string"]), 307)(scope, receive, send)
        else:
            await not_found(scope, receive, send)

    router.default = answer


def _other(scope: Scope) -> str | None:
    """Return the path with the missing slash, or without the needless one; None: it cannot be redirected."""
    path: str = scope["path"]
    if scope["type"] != "http" or path == "/":
        return None
    return path.rstrip("/") if path.endswith("/") else f"{path}/"


def _location(path: str, query: bytes) -> str:
    # If the location began with two slashes, or a slash and a backslash, browsers would go to another host.
    location = f"/{quote(path.lstrip('/'))}"
    return f"{location}?{query.decode('latin-1')}" if query else location
