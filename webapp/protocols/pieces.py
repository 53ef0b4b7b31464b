"""What httptools and websockets are given: a piece of what has arrived, and a request that has been read."""

from __future__ import annotations

from collections.abc import Sequence

from uvicorn._types import HTTPScope
from websockets.datastructures import Headers
from websockets.http11 import Request

_BLANK_LINE = b"\r\n\r\n"


def end_of_piece(data: bytes, start: int, body_left: int) -> int:
    """Give the end of the piece of `data` that begins at `start`, in which at most one request ends.

    Args:
        data: What has arrived.
        start: Where the piece begins.
        body_left: Bytes of the present request's body that are still to come, 0 when that is not known.
    """
    if body_left:
        return start + body_left
    end = data.find(_BLANK_LINE, start)
    return len(data) if end < 0 else end + len(_BLANK_LINE)


def handshake_of(url: bytes, headers: Sequence[tuple[bytes, bytes]], scope: HTTPScope) -> Request:
    """Give a request as websockets has it. Raises ValueError when it can be none."""
    decoded = Headers([(name.decode("ascii"), value.decode("latin-1")) for name, value in headers])
    return Request(url.decode("ascii"), decoded, scope["method"], f"HTTP/{scope['http_version']}")
