"""The observer: the engine tells it of each event, so an app can count events. The engine keeps no numbers."""

from __future__ import annotations

from collections.abc import Iterable


class Observer:
    """Ignores all events; a subclass counts them.

    The engine calls an observer on the event loop, for each commit and each frame. If a method waited, it would hold up
    every socket; if it raised, the commit or the frame would fail.
    """

    def committed(self, tables: Iterable[str], seconds: float) -> None:
        """Note a transaction.

        Args:
            tables: The table of each row that the transaction inserted; empty text for any other write.
            seconds: Seconds from the beginning of the transaction to its commit.
        """

    def write_failed(self) -> None:
        """Note a write that failed. The sender gets the error."""

    def sent(self, clients: int, seconds: float) -> None:
        """Note a frame of a group.

        Args:
            clients: How many clients the feed sent it to.
            seconds: Seconds from the ring that asked for the frame until the last of the clients was given it.
        """

    def socket_opened(self) -> None:
        """Note a socket whose visitor may read its page."""

    def socket_closed(self, code: int) -> None:
        """Note the end of such a socket.

        Args:
            code: The close code.
        """

    def refused(self, reason: str) -> None:
        """Note a refused action, request or connection.

        Args:
            reason: A word that the code fixes, such as `flooding`; never a text of a client.
        """


NO_OBSERVER = Observer()
"""The observer of an app that counts nothing."""
