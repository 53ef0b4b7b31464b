"""The engine tells an observer of what it does, so that an app can count it. The engine itself keeps no numbers."""

from __future__ import annotations

from collections.abc import Iterable


class Observer:
    """Does nothing with what it is told; a subclass counts.

    The engine calls it on the event loop, for each commit and each frame. A method that waits holds up every socket,
    and one that raises breaks what it was told of.
    """

    def committed(self, tables: Iterable[str], seconds: float) -> None:
        """Note a transaction.

        Args:
            tables: The table of each row that it inserted; empty text for any other write.
            seconds: From its beginning to its commit.
        """

    def write_failed(self) -> None:
        """Note a write that its sender was told of as failed."""

    def sent(self, clients: int, seconds: float) -> None:
        """Note a frame of a group.

        Args:
            clients: Those that it was sent to.
            seconds: From the ring that asked for it until it was given to the last of them.
        """

    def socket_opened(self) -> None:
        """Note a socket whose visitor may read its page."""

    def socket_closed(self, code: int) -> None:
        """Note the end of such a socket, with its close code."""

    def refused(self, reason: str) -> None:
        """Note that something was refused: an action, a request, a connection. `reason` is a word of the code."""


NO_OBSERVER = Observer()
"""Counts nothing."""
