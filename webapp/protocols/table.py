"""All connections of one process: bounds their number, and the time that a client may keep one waiting."""

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

from webapp.live.client_network import KNOWN_ADDRESSES, ip_of, network_of
from webapp.live.observing import NO_OBSERVER, Observer
from webapp.protocols.descriptors import most_connections
from webapp.protocols.limits import ADDRESS_SHARE, HELD_LIMIT, LINGERERS, SOCKETS_SHARE, Limits
from webapp.protocols.log import CollapsedLog

log = CollapsedLog(logging.getLogger(__name__))

SWEEP_SECONDS = 0.5
"""Seconds between two looks at the deadlines."""


class Waiting(Protocol):
    """A connection that waits for its client.

    Attributes:
        deadline: The time at which it expires, by the event loop's clock.
    """

    deadline: float

    @property
    def is_admitted(self) -> bool:
        """Whether it is one of the connections that the table counts."""

    def expire(self) -> None:
        """End the connection, because the client is too slow."""

    def give_way(self) -> None:
        """End the connection at once, because a new one needs room."""


class ConnectionTable:
    """Counts connections, ends those that wait too long, and makes room for new ones.

    If all connections are in use, the one that has waited longest for its client gives way. So a client that only
    keeps connections open cannot lock others out.

    Args:
        most: Connections, at most.
        per_address: Connections of one address, at most; 0: no cap.
        trusted: Returns whether an address is a proxy of the deployment, which has the connections of all its visitors.
        observer: The table tells it of each refusal.
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
        self._waiting: dict[Waiting, None] = {}  # in the order in which they began to wait
        self._sweeping = False

    def admit(self, address: str) -> str | None:
        """Count a new connection in.

        Args:
            address: The client's; empty: it has none.

        Returns:
            The key for `remove`; None: there are too many connections.
        """
        key = "" if not self._per_address or not address or self._trusted(address) else network_of(address)
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
        """Count a connection out.

        Args:
            key: The key that `admit` returned.
        """
        self._count -= 1
        if key:
            self._addresses[key] -= 1
            if not self._addresses[key]:
                del self._addresses[key]

    def wait(self, connection: Waiting, seconds: float) -> None:
        """Let `connection` wait for its client; it expires after `seconds`."""
        loop = asyncio.get_running_loop()
        connection.deadline = loop.time() + seconds
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(SWEEP_SECONDS, self._sweep)

    def serve(self, connection: Waiting) -> None:
        """Note that `connection` does not wait for its client any more."""
        self._waiting.pop(connection, None)

    def add_lingerer(self) -> bool:
        """Count in a connection that was not admitted, and that may read the answer.

        Returns:
            False: too many such connections are open, so it does not linger.
        """
        if self._lingerers >= LINGERERS:
            return False
        self._lingerers += 1
        return True

    def remove_lingerer(self) -> None:
        """Count out a connection that was not admitted."""
        self._lingerers -= 1

    def add_socket(self) -> bool:
        """Count a WebSocket in.

        Returns:
            False: WebSockets have their share of all connections, so this one is refused.
        """
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
        """Count the memory of unfinished requests and messages.

        Args:
            more: Bytes that a request or message takes in addition; negative: it frees them.

        Returns:
            False: all of them together take too much.
        """
        self._held += more
        if more > 0 and self._held > HELD_LIMIT:
            log.warning("unfinished requests and messages hold %d bytes: refusing the next one", HELD_LIMIT)
            self._observer.refused("unfinished")
            return False
        return True

    def note_refusal(self, status: int) -> None:
        """Tell the observer of a request that was refused before the app saw it.

        Args:
            status: The HTTP status. 503 is none of these: whatever leads to it is told by its own reason.
        """
        if status != 503:
            self._observer.refused(str(status))

    def _make_room(self) -> bool:
        # A connection that was refused waits too, to read why. Its end would free no place.
        oldest = next((each for each in self._waiting if each.is_admitted), None)
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
    """Return the table of a server. The server's first connection makes it.

    Args:
        state: uvicorn's state of the server, which all its protocols share.
        limits: The bounds that the deployment sets.
        proxies: Addresses and networks of trusted proxies, or `*`.
        observer: The table tells it of each refusal.
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
            # The path of a UNIX socket is no address, and connections over one have none.
            continue

    @lru_cache(maxsize=KNOWN_ADDRESSES)
    def trusted(address: str) -> bool:
        return "*" in texts or any(ip_of(address) in network for network in networks)

    return trusted
