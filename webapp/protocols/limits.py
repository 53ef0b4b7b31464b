"""Every bound on what a client may send, hold or keep waiting."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.live.protocol.token_bucket import Rate

READ_SIZE = 4 * 1024
"""Bytes that one connection is read, parsed and acted upon in one turn of the event loop."""

HEAD_LIMIT = 32 * 1024
"""Bytes of a request's line and headers together. A longer head is answered with 431."""

URL_LIMIT = 8 * 1024
"""Bytes of a request's URL. A longer one is answered with 414."""

HEADERS_LIMIT = 128
"""Headers of a request, and trailers. More are answered with 431."""

BODY_LIMIT = 256 * 1024
"""Bytes of a request's body on the wire, chunk sizes and trailers included. A longer body is answered with 413."""

SOCKET_MESSAGE_LIMIT = 1024 * 1024
"""Bytes of an inbound message that are read to answer it with an error; a longer one closes the socket with 1009."""

SMALL_FRAGMENT = 1024
"""Bytes under which a fragment costs as much as an empty frame; SOCKET_MESSAGE_LIMIT bounds larger ones."""

EMPTY_FRAMES = Rate(burst=100, per_second=10)
"""Frames of one socket that carry no message: pings, pongs, empty ones, small fragments. More close it with 1008."""

HELD_FREE = 32 * 1024
"""Bytes of an unfinished body or message that count towards nothing."""

HELD_LIMIT = 8 * 1024 * 1024
"""Bytes that the unfinished bodies and messages of a process hold beyond HELD_FREE each."""

FIRST_BYTE_SECONDS = 10.0
"""Seconds in which a new connection has to send something."""

HEAD_SECONDS = 10.0
"""Seconds in which a request's head has to be complete, from its first byte on."""

BODY_SECONDS = 10.0
"""Seconds in which a request's body has to be complete, and one more for each BODY_PACE bytes that came."""

BODY_PACE = 2 * 1024
"""Bytes of a body that give a slow client another second."""

HANDSHAKE_SECONDS = 20.0
"""Seconds in which the app has to accept or refuse a WebSocket."""

UNREAD_SECONDS = 60.0
"""Seconds in which a client has to read the 48 KB of its answer that let the server write on."""

LINGER_SECONDS = 2.0
"""Seconds in which a client that was refused may read the answer, while what it still sends is thrown away."""

LINGER_LIMIT = 1024 * 1024
"""Bytes of a refused client that are thrown away before its connection is aborted."""

LINGERERS = 32
"""Connections over the cap that linger at once; more are ended without waiting for their clients to read."""

SHUTDOWN_SECONDS = 4.0
"""Seconds that a connection may take to end once the server has been told to stop."""

SOCKETS_SHARE = 0.9
"""The part of all connections that WebSockets may take, so that pages and health checks are still answered."""

RESERVED_DESCRIPTORS = 64
"""File descriptors kept for the database, the relay and files."""

PER_ADDRESS = 1000
"""Connections of one client address, unless a setting says otherwise; never more than ADDRESS_SHARE of all."""

ADDRESS_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """What the deployment decides.

    Attributes:
        connections: Connections of one process, at most; 0 for as many as the file descriptors allow.
        per_address: Connections of one client address; 0 for no cap.
    """

    connections: int = 0
    per_address: int = PER_ADDRESS
