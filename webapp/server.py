"""Configures and runs uvicorn, with the protocols of webapp.protocols."""

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
from webapp.operations import shared_folder
from webapp.protocols import SOCKET_MESSAGE_LIMIT, Connection, LeanWebSocketProtocol, Limits, backlog, raise_limit

__all__ = ["SOCKET_MESSAGE_LIMIT", "UNREAD_LIMIT", "Config", "config", "listen", "run"]

UNREAD_LIMIT = 60_000
"""Milliseconds that the kernel keeps a connection whose peer acknowledges nothing. A page that slept reconnects."""


class Config(uvicorn.Config):
    """uvicorn's configuration, which also brings the limits of connections to the workers.

    Args:
        args: uvicorn's.
        limits: The bounds that the deployment sets.
        options: uvicorn's.
    """

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
    """Serve an app until a signal stops the process.

    Args:
        factory: The function that makes the app, as `module:function`. Each worker calls it.
        host: The address to listen on.
        port: The port to listen on; 0: any free one.
        workers: Processes. If one of several dies, uvicorn replaces it.
        limits: The bounds that the deployment sets; None: the defaults.
        log_as_json: Whether each line of the log is a JSON object.
        with_metrics: Whether the workers count, and share a folder, so that each can report the numbers of all.

    Returns:
        The exit status. 0: the server has stopped; 1: the only process could not start.
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
    # After it has shut down, uvicorn raises the signal that stopped it again. Without this handler, an orderly stop
    # would not end with status 0.
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
    """Return uvicorn's configuration.

    Args:
        app: The app, or the function that makes it, as `module:function`.
        host: The address to listen on.
        port: The port to listen on; 0: any free one.
        workers: Processes.
        limits: The bounds that the deployment sets; None: the defaults.
        log_as_json: Whether each line of the log is a JSON object.
    """
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
        # If sockets compressed frames, each client would cost the compression of the same short frame again.
        ws_per_message_deflate=False,
        lifespan="on",
        timeout_graceful_shutdown=8,
        server_header=False,
        # webapp.web.proxies reads the headers of proxies instead, and knows more of them.
        proxy_headers=False,
        log_config=logging_config(log_as_json),
    )


def listen(config: uvicorn.Config) -> socket.socket:
    """Return the listening socket of `config`.

    Raises:
        SystemExit: With status 1: the address cannot be used; uvicorn logs why.
    """
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Accepted sockets inherit this option. Without it, a frozen peer would keep its connection and the bytes in it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_LIMIT)
    return listener
