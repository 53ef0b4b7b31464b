"""uvicorn as this app runs it, with the protocols of webapp.protocols."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Any

import uvicorn
from uvicorn import Server
from uvicorn.supervisors import Multiprocess

from webapp.log_lines import logging_config
from webapp.operations.metrics_folder import shared_folder
from webapp.protocols.connection import Connection
from webapp.protocols.descriptors import backlog, raise_limit
from webapp.protocols.limits import SOCKET_MESSAGE_LIMIT, Limits
from webapp.protocols.websocket import LeanWebSocketProtocol

__all__ = ["SOCKET_MESSAGE_LIMIT", "UNREAD_LIMIT", "Config", "config", "listen", "run"]

UNREAD_LIMIT = 60_000
"""Milliseconds that the kernel keeps a connection whose peer takes nothing; a page that is only asleep reconnects."""


class Config(uvicorn.Config):
    """uvicorn's configuration, and the limits of connections, which travel to the workers with it."""

    def __init__(self, *args: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limits = limits


def run(
    factory: str,
    host: str,
    port: int,
    workers: int,
    limits: Limits | None = None,
    *,
    log_as_json: bool = False,
    with_metrics: bool = False,
) -> int:
    """Serve what `factory` (module:function) makes until told to stop; the exit status.

    With several workers each makes its own, and one that dies is replaced.

    Args:
        factory: Makes the app.
        host: Where to listen.
        port: Where to listen.
        workers: Processes, 1 or more.
        limits: Of connections.
        log_as_json: Each line of the log is a JSON object.
        with_metrics: The workers keep numbers, and each tells those of all.
    """
    raise_limit()
    chosen = config(factory, host, port, workers, limits, log_as_json=log_as_json)
    sockets = [listen(chosen)]
    if workers > 1:
        with ExitStack() as stack:
            if with_metrics:
                stack.enter_context(shared_folder())
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


def config(
    app: str | Callable[..., Any],
    host: str,
    port: int,
    workers: int = 1,
    limits: Limits | None = None,
    *,
    log_as_json: bool = False,
) -> Config:
    """uvicorn's configuration for `app`, or for the one that `app`, as module:function, makes."""
    return Config(
        app,
        factory=isinstance(app, str),
        host=host,
        port=port,
        workers=workers,
        limits=limits or Limits(),
        backlog=backlog(),
        http=Connection,
        ws=LeanWebSocketProtocol,
        ws_max_size=SOCKET_MESSAGE_LIMIT,
        # Fragments are short, and compressing the same frame for each reader again would cost more than the network.
        ws_per_message_deflate=False,
        lifespan="on",
        timeout_graceful_shutdown=8,
        server_header=False,
        # webapp.web.proxies reads what proxies say, and knows more of their headers.
        proxy_headers=False,
        log_config=logging_config(log_as_json),
    )


def listen(config: uvicorn.Config) -> socket.socket:
    """The listening socket of `config`. Exits with status 1, saying why, when the address cannot be had."""
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit it. Without it a peer that is frozen keeps its connection, and what is queued in it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_LIMIT)
    return listener
