"""uvicorn as this app runs it: a WebSocket protocol that keeps little per socket, and can write a prepared frame.

Everything here is an economy. The app serves the same pages under a stock ASGI server, with more memory per socket
and more work per send; names of uvicorn's that are relied on: queue, writable, request, response, start_keepalive.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from uvicorn import Config, Server
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.supervisors import Multiprocess

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

    async def send(self, message: ASGISendEvent) -> None:
        """Send an event; one that ends a refusal ends the handshake, which uvicorn otherwise takes for an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

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


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "webapp.log_lines.LineFormatter", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
}


def run(factory: str, host: str, port: int, workers: int) -> int:
    """Serve what `factory` (module:function) makes until told to stop; the exit status.

    With several workers each makes its own, and one that dies is replaced.
    """
    chosen = config(factory, host, port, workers)
    sockets = [listen(chosen)]
    if workers > 1:
        Multiprocess(chosen, sockets).run()
        return 0
    server = Server(chosen)
    # Once it has shut down, uvicorn raises the signal that told it to again; a stop that went well must end in 0.
    signal.signal(signal.SIGTERM, _end)
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    return 0 if server.started else 1


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def config(app: str | Callable[..., Any], host: str, port: int, workers: int = 1) -> Config:
    """uvicorn's configuration for `app`, or for the one that `app`, as module:function, makes."""
    return Config(
        app,
        factory=isinstance(app, str),
        host=host,
        port=port,
        workers=workers,
        ws=LeanWebSocketProtocol,
        ws_max_size=FRAME_LIMIT,
        # Fragments are short, and compressing the same frame for each reader again would cost more than the network.
        ws_per_message_deflate=False,
        lifespan="on",
        timeout_graceful_shutdown=8,
        server_header=False,
        # webapp.web.proxies reads what proxies say, and knows more of their headers.
        proxy_headers=False,
        log_config=LOGGING,
    )


def listen(config: Config) -> socket.socket:
    """The listening socket of `config`. Exits with status 1, saying why, when the address cannot be had."""
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit it. Without it a peer that is frozen keeps its connection, and what is queued in it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_LIMIT)
    return listener
