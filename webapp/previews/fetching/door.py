"""The only way from a request to an address: what is checked is what the socket connects to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

from webapp.previews.fetching.lookup import AddressInfo, Lookup


class RefusedAddress(OSError):
    """The address is not public, or its network was asked too often."""


class Door(AbstractResolver):
    """Lets one request connect to permitted addresses only. Each request has one of its own.

    aiohttp asks `resolve` for the addresses of a name, and `open` for the socket to each address that it is about to
    connect to, one that stands in the URL included. So a name that has another address by then gains nothing.

    Args:
        allows: Whether an address may be connected to.
        lookup: Finds the addresses of a name.
        wait: Counts a request to a network; 0: it may be asked.

    Attributes:
        has_refused: Whether an address was not permitted.
        has_opened: Whether a socket was asked for. If a later aiohttp did not ask, no check would have happened.
        seconds: Until a network may be asked again; 0: none was asked too often.
    """

    def __init__(self, allows: Callable[[str], bool], lookup: Lookup, wait: Callable[[str], int]) -> None:
        self._allows = allows
        self._lookup = lookup
        self._wait = wait
        self.has_refused = False
        self.has_opened = False
        self.seconds = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the permitted addresses of `host`.

        Raises:
            RefusedAddress: It has addresses, and none is permitted.
            OSError: It has none.
        """
        found = [(info[0], str(info[4][0])) for info in await self._lookup(host, port)]
        permitted = [(kind, address) for kind, address in found if self._allows(address)]
        if not permitted:
            self.has_refused = bool(found)
            raise RefusedAddress("address")
        return [_result(host, address, port, kind) for kind, address in permitted]

    async def close(self) -> None:
        """Close nothing: the lookup belongs to nobody."""

    def open(self, info: AddressInfo) -> socket.socket:
        """Return a socket for an address that aiohttp connects to next.

        Raises:
            RefusedAddress: The address is not permitted.
        """
        address = str(info[4][0])
        if not self._allows(address):
            self.has_refused = True
            raise RefusedAddress("address")
        if seconds := self._wait(_network(address)):
            self.seconds = seconds
            raise RefusedAddress("asked too often")
        self.has_opened = True
        return socket.socket(info[0], info[1], info[2])


def _network(address: str) -> str:
    # The owner of one IPv6 address has 2^64 of them.
    size = 32 if ip_address(address).version == 4 else 64
    return str(ip_network(f"{address}/{size}", strict=False))


def _result(host: str, address: str, port: int, family: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
