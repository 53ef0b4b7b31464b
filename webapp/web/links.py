"""Links that leave the page: people send them to each other, and cameras read them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection

from webapp.web.origin import Host
from webapp.web.proxies import FORWARDED_HOST


def absolute_url(connection: HTTPConnection[Any], path: str, query: str = "") -> str:
    """Return the URL of a page of this app as the browser that asks would write it.

    Args:
        connection: What the browser asked for.
        path: The path of the page, with its characters as people read them.
        query: Its query, encoded.
    """
    host = Host.parse(connection.headers.get("host"))
    forwarded: Host | None = connection.scope.get(FORWARDED_HOST)
    # AllowedHosts has checked a forwarded host only where the other is no name of its own.
    if (
        host is not None
        and forwarded is not None
        and (host.address is not None or host.is_loopback or host.name == forwarded.name)
    ):
        host = forwarded
    secure = connection.scope["scheme"] in ("https", "wss")
    return f"{'https' if secure else 'http'}://{host}{quote(path)}{'?' if query else ''}{query}"
