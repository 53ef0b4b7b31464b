"""uvicorn as this app runs it: a WebSocket protocol that keeps little per socket, and can write a prepared frame.

Everything here is an economy. The app serves the same pages under a stock ASGI server, with more memory per socket
and more work per send; names of uvicorn's that are relied on: queue, writable, request, response, start_keepalive.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from webapp.live.subscriber import WRITE_EXTENSION

UNREAD_LIMIT = 60_000
"""Milliseconds that the kernel keeps a connection whose peer takes nothing; a page that is only asleep reconnects."""

FRAME_LIMIT = 1024 * 1024
"""Bytes of an inbound frame that are read to answer it with an error; a longer one closes the socket with 1009."""


class LeanWebSocketProtocol(WebSocketsSansIOProtocol):
    """Per idle socket about half of the stock protocol's memory: see docs/benchmarks.md.

    The slots are the attributes that the base class sets; one that a newer uvicorn adds goes into __dict__ as ever.
    """

    __slots__ = (
        *("access_logger", "app", "app_state", "asgi_version", "client", "close_sent", "close_timeout", "close_timer"),
        *("config", "conn", "connections", "curr_msg_data_type", "default_headers", "disconnected", "frames"),
        *("handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt", "logger", "loop"),
        *("pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer"),
        *("queue", "read_paused", "request", "response", "root_path", "scheme", "scope", "server", "server_state"),
        *("tasks", "transport", "writable"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = _Inbox()  # type: ignore[assignment]
        self.writable = _Gate()  # type: ignore[assignment]

    def handle_connect(self, event: Any) -> None:
        """Offer the app the way to write a prepared frame."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WRITE_EXTENSION] = self.write_prepared

    def start_keepalive(self) -> None:
        """The handshake is over: its headers have been read, or nobody will."""
        self.request.headers.clear()
        self.response.headers.clear()
        del self.request, self.response
        self.scope["headers"] = []
        super().start_keepalive()

    def write_prepared(self, frame: bytes) -> bool:
        """Write an encoded frame; False, and nothing written, when that would have to wait or cannot be."""
        if self.close_sent or self.disconnected or not self.handshake_complete or not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True


class _Inbox:
    """An asyncio.Queue for one reader that costs nothing while it is empty."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: list[Any] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._items

    def put_nowait(self, item: Any) -> None:
        self._items = [*(self._items or ()), item]
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        while not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        item, *rest = self._items
        self._items = rest or None
        return item


class _Gate:
    """An asyncio.Event that costs nothing while it is set."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._event is None

    def set(self) -> None:
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        if self._event is None:
            self._event = asyncio.Event()

    async def wait(self) -> None:
        if self._event is not None:
            await self._event.wait()


def config(app: Callable[..., Any], host: str, port: int) -> Config:
    """uvicorn's configuration for `app`."""
    return Config(
        app,
        host=host,
        port=port,
        ws=LeanWebSocketProtocol,
        ws_max_size=FRAME_LIMIT,
        # Fragments are short, and compressing the same frame for each reader again would cost more than the network.
        ws_per_message_deflate=False,
        lifespan="on",
        timeout_graceful_shutdown=8,
        server_header=False,
        log_config=None,
    )


def listen(config: Config) -> socket.socket:
    """The listening socket of `config`. Exits with status 1, saying why, when the address cannot be had."""
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit it. Without it a peer that is frozen keeps its connection, and what is queued in it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_LIMIT)
    return listener
