"""The end of a connection whose request is refused."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from webapp.protocols import limits


class RefusedRequest(Exception):
    """A request exceeds a limit. The callbacks of the parser raise it to stop the parsing.

    Attributes:
        status: The HTTP status of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Farewell:
    """The end of a connection: the client reads the answer, and the server discards and counts what it still sends."""

    def __init__(self) -> None:
        self._discarded: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the server has refused the client."""
        return self._discarded is not None

    def begin(self, transport: asyncio.Transport, answer: bytes, linger: bool) -> bool:
        """Write the answer, and begin the end of the connection.

        Args:
            transport: The connection.
            answer: The bytes of the answer; empty if it was written before.
            linger: Leave the connection open until the client has read the answer.

        Returns:
            Whether the connection is still open.
        """
        self._discarded = 0
        if transport.is_closing():
            return False
        if answer:
            transport.write(answer)
        if not linger or not transport.can_write_eof():
            transport.close()
            return False
        transport.write_eof()
        return True

    def discard(self, count: int, transport: asyncio.Transport) -> None:
        """Count `count` discarded bytes, and abort the connection if there are too many."""
        self._discarded = (self._discarded or 0) + count
        if self._discarded > limits.LINGER_LIMIT:
            transport.abort()


def answer_of(status: int) -> bytes:
    """Return the bytes of the answer to a request that is refused with `status`."""
    phrase = HTTPStatus(status).phrase
    lines = (
        f"HTTP/1.1 {status} {phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(phrase)}",
        "connection: close",
    )
    return "\r\n".join([*lines, "", phrase]).encode()
