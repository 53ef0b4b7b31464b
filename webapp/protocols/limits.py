"""Every bound on what a client may send, occupy or delay."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.live.protocol import Rate

READ_SIZE = 4 * 1024
"""Bytes of one connection that the server reads and parses in one turn of the event loop."""

HEAD_LIMIT = 32 * 1024
"""Bytes of a request's line and headers together. A longer head is answered with 431."""

URL_LIMIT = 8 * 1024
"""Bytes of a request's URL. A longer one is answered with 414."""

HEADERS_LIMIT = 128
"""Headers of a request, and trailers. More are answered with 431."""

BODY_LIMIT = 256 * 1024
"""Bytes of a request's body on the wire, chunk sizes and trailers included. A longer body is answered with 413."""

SOCKET_MESSAGE_LIMIT = 1024 * 1024
"""Bytes of an inbound message that the server reads; a longer one closes the socket with 1009."""

SMALL_FRAGMENT = 1024
"""Bytes under which a fragment costs as much as an empty frame; SOCKET_MESSAGE_LIMIT bounds larger ones."""

EMPTY_FRAMES = Rate(burst=100, per_second=10)
"""Frames of one socket that carry no message: pings, pongs, empty ones, small fragments. More close it with 1008."""

HELD_FREE = 32 * 1024
"""Bytes of each unfinished body or message that do not count towards HELD_LIMIT."""

HELD_LIMIT = 8 * 1024 * 1024
"""Bytes of all unfinished bodies and messages of a process, beyond HELD_FREE each."""

FIRST_BYTE_SECONDS = 10.0
"""Seconds in which a new connection has to send something."""

HEAD_SECONDS = 10.0
"""Seconds in which a request's head has to be complete, from its first byte on."""

BODY_SECONDS = 10.0
"""Seconds in which a request's body has to be complete, plus one for each BODY_PACE bytes that have arrived."""

BODY_PACE = 2 * 1024
"""Bytes of a body that give a slow client another second."""

HANDSHAKE_SECONDS = 20.0
"""Seconds in which the app has to accept or refuse a WebSocket."""

UNREAD_SECONDS = 60.0
"""Seconds in which a client has to read 48 KB of its answer, so that the server can write on."""

LINGER_SECONDS = 2.0
"""Seconds in which a refused client may read the answer, while the server discards its bytes."""

LINGER_LIMIT = 1024 * 1024
"""Bytes of a refused client that the server discards before it aborts the connection."""

LINGERERS = 32
"""Connections over the cap that linger at the same time; further ones are closed before their clients have read."""

SHUTDOWN_SECONDS = 4.0
"""Seconds that a connection may take to end once the server has been told to stop."""

SOCKETS_SHARE = 0.9
"""The part of all connections that WebSockets may take, so that pages and health checks are still answered."""

RESERVED_DESCRIPTORS = 64
"""File descriptors kept for the database, the relay and files."""

PER_ADDRESS = 1000
"""Connections of one client address, unless a setting says otherwise; never more than ADDRESS_SHARE of all."""

ADDRESS_SHARE = 0.25
"""The part of all connections that one client address may take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that the deployment sets.

    Attributes:
        connections: Connections of one process, at most; 0: as many as the file descriptors allow.
        per_address: Connections of one client address, at most; 0: no cap.
    """

    connections: int = 0
    per_address: int = PER_ADDRESS
