"""The part of a connection that the protocols on it use."""

from __future__ import annotations

from typing import Any, Protocol

from webapp.protocols.table import ConnectionTable


class Owner(Protocol):
    """A connection, as its HTTP protocol or its WebSocket sees it; `Connection` is the one there is."""

    table: ConnectionTable
    deadline: float

    def wait(self, seconds: float) -> None:
        """Give the client `seconds` for what it owes."""

    def wait_until(self, deadline: float) -> None:
        """Move the deadline of what the client owes, by the event loop's clock."""

    def serve(self) -> None:
        """The client owes nothing."""

    def switch_to(self, protocol: Any) -> None:
        """Let `protocol` have the connection from now on."""

    def belongs_to(self, protocol: Any) -> bool:
        """Whether `protocol` still has the connection."""
