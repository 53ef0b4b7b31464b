"""Opens sockets as a page of some origin would, and tells how the server took it."""

from __future__ import annotations

import socket
from contextlib import suppress

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

REFUSED = "where this page came from"
"""What a socket of a foreign page brings before it closes."""


def status_of(url: str, port: int, headers: dict[str, str]) -> int:
    """The status of a handshake: 101 when the socket is of use, and 403 also when it says at once that it is not.

    url: of the socket, with the host that the handshake names.
    port: where the server is on 127.0.0.1.
    """
    try:
        with connect(url, sock=socket.create_connection(("127.0.0.1", port)), additional_headers=headers) as opened:
            return 403 if REFUSED in first_frame(opened) else 101
    except InvalidStatus as refused:
        return refused.response.status_code


def first_frame(opened: ClientConnection) -> str:
    """The first text that the server sends, to a page that asks for what it has missed."""
    with suppress(ConnectionClosed):
        opened.send('{"action": "resume", "cursor": "0"}')
    return str(opened.recv())
