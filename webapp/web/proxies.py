"""Reads the headers of the proxies in front: the client's address, and the scheme and host of its request."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from webapp.live.client_network import KNOWN_ADDRESSES
from webapp.web.origin import Host

logger = logging.getLogger(__name__)

FORWARDED_HOST = "webapp.forwarded_host"
"""Key in the scope: the host that the browser asked for, as a trusted proxy reports it, or None."""

FORWARDED_SCHEME = "webapp.forwarded_scheme"
"""Key in the scope: `http` or `https`, as a trusted proxy says that the browser came, or None."""

_PAIR = re.compile(r"""\s*(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*""")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ProxyHeaders:
    """ASGI middleware: takes X-Forwarded-For, -Proto, -Host, -Port and Forwarded from trusted proxies.

    uvicorn's own middleware knows neither X-Forwarded-Host nor Forwarded. With `*`, it takes the first address of
    X-Forwarded-For, which the client can write itself. Each proxy adds an address at the end, so this middleware takes
    the last one that is not a proxy's.

    Args:
        app: The app behind it.
        trusted: Addresses and networks of proxies; `*`: there is one proxy, and every connection comes from it.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[str]) -> None:
        self._app = app
        trusted = tuple(trusted)
        self._any = "*" in trusted
        self._networks = networks_of(trusted)
        self._told = False

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on with the address, scheme and host that the browser used."""
        if scope["type"] in ("http", "websocket"):
            self._read(scope)
        return self._app(scope, receive, send)

    def _read(self, scope: Scope) -> None:
        scope[FORWARDED_HOST] = scope[FORWARDED_SCHEME] = None
        headers = Headers(scope=scope)
        if not any(
            name in headers for name in ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded")
        ):
            return
        peer = _address((scope.get("client") or ("",))[0])
        if not (self._any or self._is_proxy(peer)):
            self._tell(peer)
            return
        forwarded = _forwarded(headers)
        scheme = (_first(headers, "x-forwarded-proto") or forwarded.get("proto", "")).lower()
        if scheme in ("http", "https", "ws", "wss"):
            secure = scheme in ("https", "wss")
            scope[FORWARDED_SCHEME] = "https" if secure else "http"
            scope["scheme"] = _SCHEMES[scope["type"] == "websocket", secure]
        client = self._client(headers.getlist("x-forwarded-for"))
        if client is not None:
            scope["client"] = (str(client), 0)
        scope[FORWARDED_HOST] = _host(headers, forwarded)

    def _client(self, lines: Sequence[str]) -> Address | None:
        found = None
        for text in reversed(",".join(lines).split(",")):
            address = _address(_without_port(text.strip()))
            if address is None:
                break
            found = address
            if self._any or not self._is_proxy(address):
                break
        return found

    def _is_proxy(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)

    def _tell(self, peer: Address | None) -> None:
        if not self._told:
            self._told = True
            logger.warning(
                "X-Forwarded headers from %s are not believed; if that is your proxy, set FORWARDED_ALLOW_IPS=%s",
                *(peer, peer),
            )


def networks_of(trusted: Iterable[str]) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks of trusted proxies; `*` is none."""
    return [ipaddress.ip_network(one, strict=False) for one in trusted if one != "*"]


def proxies_in(trusted: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a network, as `Visitor.network` names it, has an address of a trusted proxy.

    All visitors seem to come from the address of a proxy that does not say for whom it asks.
    """
    proxies = networks_of(trusted)

    # Clients choose how many networks they come from, so the answers that are kept are bounded.
    @lru_cache(maxsize=KNOWN_ADDRESSES)
    def has_proxy(network: str) -> bool:
        known = ipaddress.ip_network(network)
        return any(one.version == known.version and one.overlaps(known) for one in proxies)

    return has_proxy


_SCHEMES = {(False, False): "http", (False, True): "https", (True, False): "ws", (True, True): "wss"}


def _first(headers: Headers, name: str) -> str:
    """Return the value of the proxy nearest to the browser."""
    return ",".join(headers.getlist(name)).partition(",")[0].strip()


def _forwarded(headers: Headers) -> dict[str, str]:
    """Return the pairs of the first element of Forwarded (RFC 7239)."""
    first = headers.get("forwarded", "").partition(",")[0]
    return {name.lower(): value.strip('"') for name, value in _PAIR.findall(first)}


def _host(headers: Headers, forwarded: dict[str, str]) -> Host | None:
    host = Host.parse(_first(headers, "x-forwarded-host") or forwarded.get("host") or headers.get("host"))
    port = _first(headers, "x-forwarded-port")
    if host is None or host.port is not None or not re.fullmatch(r"[0-9]{1,5}", port):
        return host
    return Host.parse(f"{host}:{port}") or host


def _without_port(text: str) -> str:
    text = text.strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _address(text: Any) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A listener for IPv4 and IPv6 shows IPv4 addresses as IPv6 ones, which would match no IPv4 network in the setting.
    return getattr(address, "ipv4_mapped", None) or address
