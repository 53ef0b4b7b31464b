"""All connections of one process: how many there may be, and how long a client may keep one waiting."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

from webapp.live.observing import NO_OBSERVER, Observer
from webapp.protocols.descriptors import most_connections
from webapp.protocols.limits import ADDRESS_SHARE, HELD_LIMIT, LINGERERS, SOCKETS_SHARE, Limits
from webapp.protocols.log import CollapsedLog

log = CollapsedLog(logging.getLogger(__name__))

KNOWN_ADDRESSES = 1024
"""Addresses that need not be parsed again: that takes longer than all else that is done for a connection."""

SWEEP_SECONDS = 0.5
"""Seconds between two looks at the deadlines."""


class Waiting(Protocol):
    """A connection whose client owes the server something.

    Attributes:
        deadline: When the wait is over, on the event loop's clock.
    """

    deadline: float

    def expire(self) -> None:
        """End the connection, because the client is too slow."""

    def give_way(self) -> None:
        """End the connection at once, because others need its place."""


class ConnectionTable:
    """Counts connections, ends those that wait too long, and makes room for new ones at the expense of those.

    A client that only keeps connections open never keeps anybody else out: the one that has waited longest gives way.

    Args:
        most: Connections at most.
        per_address: Connections of one address at most; 0 for no cap.
        trusted: Whether an address is a proxy of the deployment, which has as many connections as its visitors.
        observer: Is told what is refused.
    """

    def __init__(
        self, most: int, per_address: int, trusted: Callable[[str], bool], observer: Observer = NO_OBSERVER
    ) -> None:
        self._observer = observer
        self._most = most
        self._per_address = min(per_address, max(1, int(most * ADDRESS_SHARE))) if per_address else 0
        self._trusted = trusted
        self._count = 0
        self._sockets = 0
        self._held = 0
        self._lingerers = 0
        self._addresses: Counter[str] = Counter()
        # In the order in which they began to wait.
        self._waiting: dict[Waiting, None] = {}
        self._sweeping = False

    def admit(self, address: str) -> str | None:
        """Count a new connection in, and give what to count it out with; None when there is no place for it."""
        key = "" if not self._per_address or not address or self._trusted(address) else _network(address)
        if key and self._addresses[key] >= self._per_address:
            log.warning("connections: %s has %d, the most for one address: refusing more", key, self._per_address)
            self._observer.refused("connections_of_address")
            return None
        if self._count >= self._most and not self._make_room():
            log.warning("connections: all %d are in use: refusing more", self._most)
            self._observer.refused("connections")
            return None
        self._count += 1
        if key:
            self._addresses[key] += 1
        return key

    def remove(self, key: str) -> None:
        """Count a connection out."""
        self._count -= 1
        if key:
            self._addresses[key] -= 1
            if not self._addresses[key]:
                del self._addresses[key]

    def wait(self, connection: Waiting, seconds: float) -> None:
        """Let `connection` wait for its client, for `seconds` at most."""
        loop = asyncio.get_running_loop()
        connection.deadline = loop.time() + seconds
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(SWEEP_SECONDS, self._sweep)

    def serve(self, connection: Waiting) -> None:
        """Let `connection` wait no more: the client has sent all that it owes."""
        self._waiting.pop(connection, None)

    def add_lingerer(self) -> bool:
        """Count in a connection without a place that reads why; False when there are too many of them."""
        if self._lingerers >= LINGERERS:
            return False
        self._lingerers += 1
        return True

    def remove_lingerer(self) -> None:
        """Count such a connection out."""
        self._lingerers -= 1

    def add_socket(self) -> bool:
        """Count a WebSocket in; False when they have their share of all connections."""
        if self._sockets >= self._most * SOCKETS_SHARE:
            log.warning("connections: %d are WebSockets, the most that may be: refusing more", self._sockets)
            self._observer.refused("sockets")
            return False
        self._sockets += 1
        return True

    def remove_socket(self) -> None:
        """Count a WebSocket out."""
        self._sockets -= 1

    def hold(self, more: int) -> bool:
        """Count `more` bytes that unfinished requests and messages hold, or less; False when that is too much."""
        self._held += more
        if more > 0 and self._held > HELD_LIMIT:
            log.warning("unfinished requests and messages hold %d bytes: refusing the next one", HELD_LIMIT)
            self._observer.refused("unfinished")
            return False
        return True

    def _make_room(self) -> bool:
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        log.warning("connections: all %d are in use: ending the one that waits longest", self._most)
        self._observer.refused("idle_connection")
        del self._waiting[oldest]
        oldest.give_way()
        return True

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in [each for each in self._waiting if each.deadline <= now]:
            connection.expire()
        self._sweeping = bool(self._waiting)
        if self._sweeping:
            asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


_tables: WeakKeyDictionary[ServerState, ConnectionTable] = WeakKeyDictionary()


def table_of(
    state: ServerState, limits: Limits, proxies: Iterable[str], observer: Observer = NO_OBSERVER
) -> ConnectionTable:
    """Give the table of the server with `state`; the first connection makes it.

    Args:
        state: What uvicorn gives all protocols of one server.
        limits: What the deployment decides.
        proxies: Addresses and networks of trusted proxies, or `*`.
        observer: Is told what is refused.
    """
    if state not in _tables:
        most = most_connections(limits.connections)
        _tables[state] = ConnectionTable(most, limits.per_address, _trust(proxies), observer)
    return _tables[state]


def _trust(proxies: Iterable[str]) -> Callable[[str], bool]:
    texts = [text.strip() for text in proxies]
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            # Names of UNIX sockets are no addresses, and a connection over one has none.
            continue

    @lru_cache(maxsize=KNOWN_ADDRESSES)
    def trusted(address: str) -> bool:
        return "*" in texts or any(_ip(address) in network for network in networks)

    return trusted


@lru_cache(maxsize=KNOWN_ADDRESSES)
def _network(address: str) -> str:
    """What one client has: an IPv4 address, or the 64 bits of IPv6 that a provider gives to each."""
    ip = _ip(address)
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.version == 6 and ip.ipv4_mapped) or ip
