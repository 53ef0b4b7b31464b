"""Cuts the bytes that have arrived for httptools, and converts a request for websockets."""

from __future__ import annotations

from collections.abc import Sequence

from uvicorn._types import HTTPScope
from websockets.datastructures import Headers
from websockets.http11 import Request

_BLANK_LINE = b"\r\n\r\n"


def end_of_piece(data: bytes, start: int, body_left: int) -> int:
    """Return the end of a piece of `data` in which at most one request ends.

    Args:
        data: The bytes that have arrived.
        start: The index at which the piece begins.
        body_left: Bytes of the present request's body that are still to come; 0: not known.
    """
    if body_left:
        return start + body_left
    end = data.find(_BLANK_LINE, start)
    return len(data) if end < 0 else end + len(_BLANK_LINE)


def handshake_of(url: bytes, headers: Sequence[tuple[bytes, bytes]], scope: HTTPScope) -> Request:
    """Return a request in websockets' form.

    Args:
        url: The URL in the request's first line.
        headers: The names and values of its headers.
        scope: The ASGI scope of the request.

    Raises:
        ValueError: The request cannot be a handshake.
    """
    decoded = Headers([(name.decode("ascii"), value.decode("latin-1")) for name, value in headers])
    return Request(url.decode("ascii"), decoded, scope["method"], f"HTTP/{scope['http_version']}")
