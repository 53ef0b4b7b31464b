"""One socket of the load: its handshake, then what it receives."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from bench.harness.frames import encode

if TYPE_CHECKING:
    from bench.harness.room import Room

# What a browser sends; a server that keeps it pays for it.
_HEADERS = """GET {path} HTTP/1.1
Host: 127.0.0.1:{port}
Connection: Upgrade
Pragma: no-cache
Cache-Control: no-cache
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Upgrade: websocket
Origin: http://127.0.0.1:{port}
Sec-WebSocket-Version: 13
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-GB,en;q=0.9
Sec-WebSocket-Key: {key}

"""


class LoadError(Exception):
    """The server refused, closed or stalled; the text says what was seen."""


class Handshake(asyncio.Protocol):
    """The opening of a socket, up to the server's agreement."""

    def __init__(self, reader: "Reader", port: int) -> None:
        self._reader = reader
        self._port = port
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        room = self._reader.room
        key = base64.b64encode(os.urandom(16)).decode()
        text = _HEADERS.format(path=room.dialect.path, port=self._port, key=key)
        self._transport.write(text.replace("\n", "\r\n").encode())

    def data_received(self, data: bytes) -> None:
        """Hand the socket to the reader once the server has agreed."""
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        status = head.partition(b"\r\n")[0].decode("latin-1")
        if " 101 " not in status:
            self._reader.fail(f"the server answered {status}")
            self._transport.abort()
            return
        self._transport.set_protocol(self._reader)
        self._reader.opened(self._transport)
        if rest:
            self._reader.data_received(rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that no socket came of it."""
        self._reader.fail(f"closed during the handshake ({exc})")


class Reader(asyncio.Protocol):
    """One open socket."""

    __slots__ = ("answered", "log", "mine", "ready", "rest", "room", "transport")

    def __init__(self, room: "Room", ready: asyncio.Future[None]) -> None:
        self.room = room
        self.ready = ready
        self.rest = b""
        self.log: list[tuple[int, ...]] = []
        self.mine: Callable[[tuple[int, ...]], None] | None = None
        self.answered: Callable[[], None] | None = None
        self.transport: asyncio.Transport

    def opened(self, transport: asyncio.Transport) -> None:
        """Take over an open socket."""
        self.transport = transport
        if self.room.dialect.opening is not None:
            transport.write(encode(self.room.dialect.opening.encode()))
        if self.room.dialect.opens_ready:
            self.ready.set_result(None)

    def fail(self, why: str) -> None:
        """Give up a socket that is not ready yet."""
        if not self.ready.done():
            self.ready.set_exception(LoadError(why))

    def data_received(self, data: bytes) -> None:
        """Count and remember the messages, and answer what wants an answer."""
        seen = self.room.read(self.rest, data)
        self.rest = seen.rest
        if seen.tokens:
            self.log.append(seen.tokens)
            self.room.count(len(seen.tokens), seen.frames)
            if self.mine is not None:
                self.mine(seen.tokens)
        if self.answered is not None:
            for _ in range(seen.accepted):
                self.answered()
        if seen.replies:
            self.transport.write(seen.replies)
        if seen.ready and not self.ready.done():
            self.ready.set_result(None)
        if seen.closed:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the server closed the socket."""
        self.room.lost_sockets += 1
        self.fail(f"closed ({exc})")
