"""Bounds the frames of one socket that write nothing, and how many of them are logged."""

from __future__ import annotations

import logging
import math

from webapp.live.protocol.network_budget import NetworkBudget
from webapp.live.protocol.token_bucket import Rate

logger = logging.getLogger(__name__)

RESUMES = Rate(burst=10, per_second=1)
"""Resumes of one socket: how many at once, and how many a second from then on. A page resumes once per connection."""

USELESS = Rate(burst=150, per_second=20)
"""Frames of one socket that write nothing: refused ones, and those that resume, carry a draft, or tell of typing.

The server reads further frames later; they wait in the network. A page never reaches this limit, because htmx keeps
100 frames at most while its socket is closed.
"""

LOGGED_EACH = 5
"""Refused frames of one socket that are logged one by one. Later ones are logged if their number is a power of 2."""


class SocketBudget:
    """Counts the frames of one socket that write nothing.

    Args:
        networks: Counts those of the networks.
        network: The network that the socket comes from.
    """

    __slots__ = ("_network", "_networks", "_refused", "_resumed", "_useless")

    def __init__(self, networks: NetworkBudget, network: str) -> None:
        self._networks, self._network = networks, network
        self._refused = 0
        self._resumed = 0.0
        self._useless = 0.0

    @property
    def debt(self) -> float:
        """Seconds to wait before the socket's next frame is read."""
        return max(USELESS.debt(self._useless), self._networks.debt(self._network)) if self._useless else 0.0

    def spend(self) -> None:
        """Count one more frame that writes nothing."""
        self._useless = USELESS.spend(self._useless)
        self._networks.spend(self._network)

    def resume(self) -> int:
        """Count one more resume.

        A resume of a few bytes can ask for a whole list. Without a limit, one client could make the server send lists
        without end.

        Returns:
            The whole seconds that the client has to wait first; 0: none.
        """
        self._resumed = RESUMES.spend(self._resumed)
        debt = RESUMES.debt(self._resumed)
        if debt:
            self._resumed -= 1 / RESUMES.per_second  # a refused resume costs nothing more
        return math.ceil(debt)

    def refuse(self, visitor_id: str, reason: str) -> None:
        """Count one more refused frame, and log it, unless there were many.

        Args:
            visitor_id: The sender.
            reason: The reason of the refusal.
        """
        self.spend()
        self._refused += 1
        # If each were logged, one socket would fill the disk at a few hundred KB a second.
        if self._refused <= LOGGED_EACH or not self._refused & (self._refused - 1):
            logger.info("refused a frame of visitor %.8s: %s (no. %d)", visitor_id, reason, self._refused)
