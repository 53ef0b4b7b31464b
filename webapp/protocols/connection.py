"""One TCP connection: reads a little of it at once, for the protocol that it speaks."""

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
"""The buffer that all connections share: the event loop fills it and hands it over without running anything else."""

_READ = memoryview(_BUFFER)


class Connection(asyncio.BufferedProtocol):
    """Reads READ_SIZE bytes a turn of the event loop, for HTTP and, after an upgrade, for a WebSocket.

    If a protocol got all bytes that have arrived, as much as 256 KB, the tiny frames or chunks of one client would
    block the event loop for seconds. The kernel keeps the rest, which slows the client down.

    Args:
        config: uvicorn's; its attribute `limits` holds the `Limits` of the deployment.
        server_state: uvicorn's state of the server.
        app_state: The lifespan's state.

    Attributes:
        table: All connections of the process.
        deadline: The time at which `expire` is called, by the event loop's clock.
    """

    __slots__ = ("_is_lingering", "_key", "_protocol", "_transport", "deadline", "table")

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
        self._key: str | None = None
        self._is_lingering = False
        self.deadline = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or refuse it with 503 if there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._key = self.table.admit(peer[0] if isinstance(peer, tuple) else "")
        self._protocol.connection_made(self._transport)
        if self._key is None and isinstance(self._protocol, BoundedHttpProtocol):
            self._is_lingering = self.table.add_lingerer()
            self._protocol.refuse(503, linger=self._is_lingering)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection out."""
        self.table.serve(self)
        if self._key is not None:
            self.table.remove(self._key)
        elif self._is_lingering:
            self.table.remove_lingerer()
        if isinstance(self._protocol, LeanWebSocketProtocol):
            self.table.remove_socket()
        self._protocol.connection_lost(exc)
        # If both kept referring to each other, only the garbage collector would find them.
        del self._protocol

    @staticmethod
    def get_buffer(sizehint: int) -> bytearray:
        """Return the buffer for the event loop to read into."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Pass the bytes on that were read. If there are more, let all other connections have their turn first."""
        self._protocol.data_received(bytes(_READ[:nbytes]))
        if nbytes == READ_SIZE:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self.resume_reading)

    def resume_reading(self) -> None:
        """Read on, unless the protocol cannot use more bytes now."""
        if not self._transport.is_closing() and self._protocol.can_read:
            self._transport.resume_reading()

    def eof_received(self) -> bool | None:
        """Pass the event on to the protocol."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Pass the event on to the protocol."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Pass the event on to the protocol."""
        self._protocol.resume_writing()

    def switch_to(self, protocol: LeanWebSocketProtocol) -> None:
        """Give the connection to `protocol` from now on."""
        self._protocol = protocol

    def belongs_to(self, protocol: BoundedHttpProtocol) -> bool:
        """Return whether `protocol` still has the connection."""
        return self._protocol is protocol

    def wait(self, seconds: float) -> None:
        """Give the client `seconds` to send, or to read, what the server waits for."""
        self.table.wait(self, seconds)

    def wait_until(self, deadline: float) -> None:
        """Move the client's deadline to a time of the event loop's clock."""
        self.deadline = deadline

    def serve(self) -> None:
        """Note that the server does not wait for the client any more."""
        self.table.serve(self)

    @property
    def is_admitted(self) -> bool:
        """Whether the table counts this connection; else it was refused."""
        return self._key is not None

    def expire(self) -> None:
        """End the connection, because its client is too slow."""
        self._protocol.expire()

    def give_way(self) -> None:
        """End the connection at once, because a new one needs room."""
        self._transport.abort()
