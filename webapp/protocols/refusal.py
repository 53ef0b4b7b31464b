"""The end of a connection whose request is refused."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from webapp.protocols import limits


class RefusedRequest(Exception):
    """A request goes over a limit; raised inside the parser to stop it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Farewell:
    """Counts what a refused client still sends, which is thrown away while the client reads the answer."""

    def __init__(self) -> None:
        self._thrown_away: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the client has been refused."""
        return self._thrown_away is not None

    def begin(self, transport: asyncio.Transport, answer: bytes, linger: bool) -> bool:
        """Write `answer`, and end the connection; whether the client is still waited for.

        Args:
            transport: The connection.
            answer: What is still to be written, or nothing.
            linger: Wait until the client has read the answer.
        """
        self._thrown_away = 0
        if transport.is_closing():
            return False
        if answer:
            transport.write(answer)
        if not linger or not transport.can_write_eof():
            transport.close()
            return False
        transport.write_eof()
        return True

    def throw_away(self, count: int, transport: asyncio.Transport) -> None:
        """Count `count` bytes, and abort the connection when they are too many."""
        self._thrown_away = (self._thrown_away or 0) + count
        if self._thrown_away > limits.LINGER_LIMIT:
            transport.abort()


def answer_of(status: int) -> bytes:
    """Give the whole answer to a request that is refused with `status`."""
    phrase = HTTPStatus(status).phrase
    lines = (
        f"HTTP/1.1 {status} {phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(phrase)}",
        "connection: close",
    )
    return "\r\n".join([*lines, "", phrase]).encode()
