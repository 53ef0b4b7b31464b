"""The part of a connection that the protocols on it use."""

from __future__ import annotations

from typing import Any, Protocol

from webapp.protocols.table import ConnectionTable


class Owner(Protocol):
    """A connection, as its HTTP or WebSocket protocol sees it; `Connection` is the only one.

    Attributes:
        table: All connections of the process.
        deadline: The time at which the connection expires, by the event loop's clock.
    """

    table: ConnectionTable
    deadline: float

    def wait(self, seconds: float) -> None:
        """Give the client `seconds` to send, or to read, what the server waits for."""

    def wait_until(self, deadline: float) -> None:
        """Move the client's deadline to a time of the event loop's clock."""

    def serve(self) -> None:
        """Note that the server does not wait for the client any more."""

    def switch_to(self, protocol: Any) -> None:
        """Give the connection to `protocol` from now on."""

    def belongs_to(self, protocol: Any) -> bool:
        """Return whether `protocol` still has the connection."""
