"""The size of the present request, and the memory that it takes."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.protocols import limits
from webapp.protocols.owner import Owner
from webapp.protocols.refusal import RefusedRequest


class RequestSize:
    """Counts the bytes of the present request's head, then of its body, as they come.

    Args:
        connection: The TCP connection.

    Attributes:
        received: Bytes of the head, or of the body, that have arrived.
        in_body: Whether the head is complete, but not the body.
        body_left: Bytes of the body that are still to come; 0: its length is not known.
    """

    def __init__(self, connection: Owner) -> None:
        self.received = 0
        self.in_body = False
        self.body_left = 0
        self._connection = connection
        self._body_until = 0.0
        self._held = 0

    def expect_body(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Return whether a request with `headers` has a body.

        Raises:
            RefusedRequest: The body is too long.
        """
        sizes = [int(value) for name, value in headers if name == b"content-length"]
        is_chunked = any(name == b"transfer-encoding" for name, _ in headers)
        self.body_left = 0 if is_chunked else sum(sizes)
        if self.body_left > limits.BODY_LIMIT:
            raise RefusedRequest(413)
        return bool(self.body_left) or is_chunked

    def begin_body(self) -> None:
        """Count the body from now on, and give the client BODY_SECONDS for it."""
        self.in_body, self.received = True, 0
        self._connection.wait(limits.BODY_SECONDS)
        self._body_until = self._connection.deadline

    def end(self) -> None:
        """Note that the request is complete."""
        self.in_body, self.received = False, 0
        self.free_memory()

    def add(self, count: int) -> None:
        """Count `count` more bytes.

        Raises:
            RefusedRequest: The head or the body is too long, or all requests of the process take too much memory.
        """
        self.received += count
        if not self.in_body:
            if self.received > limits.HEAD_LIMIT:
                raise RefusedRequest(431)
            return
        if self.received > limits.BODY_LIMIT:
            raise RefusedRequest(413)
        self._connection.wait_until(self._body_until + self.received / limits.BODY_PACE)
        more = max(0, self.received - limits.HELD_FREE) - self._held
        self._held += more
        if more and not self._connection.table.hold(more):
            raise RefusedRequest(503)

    def free_memory(self) -> None:
        """Count no memory for the request any more."""
        if self._held:
            self._connection.table.hold(-self._held)
            self._held = 0
