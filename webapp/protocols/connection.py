"""One TCP connection: what is read of it at once, and which protocol gets it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn import Config
from uvicorn.server import ServerState

from webapp.live.observing import NO_OBSERVER
from webapp.protocols.http import BoundedHttpProtocol
from webapp.protocols.limits import READ_SIZE, Limits
from webapp.protocols.table import table_of
from webapp.protocols.websocket import LeanWebSocketProtocol

_BUFFER = bytearray(READ_SIZE)
"""Where all connections are read to: the event loop fills it and hands it over without doing anything in between."""

_READ = memoryview(_BUFFER)


class Connection(asyncio.BufferedProtocol):
    """Reads READ_SIZE bytes a turn of the event loop, for HTTP and, after an upgrade, for a WebSocket.

    If a protocol is given all that has arrived, as much as 256 KB, one client's tiny frames or chunks keep the event
    loop for seconds. What is not read yet stays with the kernel, which slows the client down.
    """

    __slots__ = ("_is_lingering", "_place", "_protocol", "_transport", "deadline", "table")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        proxies = config.forwarded_allow_ips
        proxies = proxies.split(",") if isinstance(proxies, str) else proxies
        observer = app_state.get("observer", NO_OBSERVER)
        self.table = table_of(server_state, getattr(config, "limits", Limits()), proxies, observer)
        self._protocol: BoundedHttpProtocol | LeanWebSocketProtocol
        self._protocol = BoundedHttpProtocol(config, server_state, app_state, self)
        self._transport: asyncio.Transport
        self._place: str | None = None
        self._is_lingering = False
        self.deadline = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or say that there is no place for it."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._place = self.table.admit(peer[0] if isinstance(peer, tuple) else "")
        self._protocol.connection_made(self._transport)
        if self._place is None and isinstance(self._protocol, BoundedHttpProtocol):
            self._is_lingering = self.table.add_lingerer()
            self._protocol.refuse(503, linger=self._is_lingering)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection out."""
        self.table.serve(self)
        if self._place is not None:
            self.table.remove(self._place)
        elif self._is_lingering:
            self.table.remove_lingerer()
        if isinstance(self._protocol, LeanWebSocketProtocol):
            self.table.remove_socket()
        self._protocol.connection_lost(exc)
        # Both refer to each other, and would be garbage that only the collector finds.
        del self._protocol

    @staticmethod
    def get_buffer(sizehint: int) -> bytearray:
        """Give the event loop the place to read to."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read. If there is more, let all other connections have their turn first."""
        self._protocol.data_received(bytes(_READ[:nbytes]))
        if nbytes == READ_SIZE:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self.resume_reading)

    def resume_reading(self) -> None:
        """Read on, unless the protocol has enough for now."""
        if not self._transport.is_closing() and self._protocol.can_read:
            self._transport.resume_reading()

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._protocol.resume_writing()

    def switch_to(self, protocol: LeanWebSocketProtocol) -> None:
        """Let `protocol` have the connection from now on."""
        self._protocol = protocol

    def belongs_to(self, protocol: BoundedHttpProtocol) -> bool:
        """Whether `protocol` still has the connection."""
        return self._protocol is protocol

    def wait(self, seconds: float) -> None:
        """Give the client `seconds` for what it owes."""
        self.table.wait(self, seconds)

    def wait_until(self, deadline: float) -> None:
        """Move the deadline of what the client owes, by the event loop's clock."""
        self.deadline = deadline

    def serve(self) -> None:
        """The client owes nothing."""
        self.table.serve(self)

    def expire(self) -> None:
        """End the connection, because its client is too slow."""
        self._protocol.expire()

    def give_way(self) -> None:
        """End the connection, because others need its place."""
        self._transport.abort()
