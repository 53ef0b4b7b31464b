"""The rate limits: bound how often a visitor, and all visitors of one network, may do something."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

import limits
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from webapp.live.visitor import Visitor

LOW_COST_SHARE = 5
"""Actions of low cost, such as presses of a button, that count as much as one message."""


class Counts(Protocol):
    """Passes hits on to other processes; `SharedCounts` is the one that does."""

    def note(self, limit: RateLimit, key: str, cost: int) -> None:
        """Note a hit in this process."""


class RateLimit:
    """A sliding window per key, in this process's memory.

    The storage of other strategies keeps every key for ever. The asynchronous variant starts a thread per known key at
    every hit.

    Args:
        name: What is counted, such as `rooms`.
        item: Hits of one key in a time; None: no bound.
        counts: Passes each hit on to other processes, and theirs to `add`; None: this process counts for itself.

    Attributes:
        name: What is counted.
        item: Hits of one key in a time; None: no bound.
    """

    def __init__(self, name: str, item: limits.RateLimitItem | None, counts: Counts | None = None) -> None:
        self.name = name
        self.item = item
        self._counts = counts
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, key: str, cost: int = 1) -> int:
        """Count one more action.

        Args:
            key: Who does it.
            cost: How many hits it is.

        Returns:
            The whole seconds until it may be done; 0: it is within the limit.
        """
        if self.item is None:
            return 0
        if self._limiter.hit(self.item, key, cost=cost):
            if self._counts is not None:
                self._counts.note(self, key, cost)
            return 0
        stats = self._limiter.get_window_stats(self.item, key)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def add(self, key: str, hits: int) -> None:
        """Count hits in other processes, as many as the limit still has room for."""
        if self.item is None:
            return
        room = min(hits, self._limiter.get_window_stats(self.item, key).remaining)
        if room > 0:
            self._limiter.hit(self.item, key, cost=room)


class NetworkLimit:
    """Bounds what all visitors of one network do together.

    A client that drops its cookie is a new visitor each time, so limits by visitor do not bound it.

    Args:
        limit: Counts by network.
        is_exempt: Returns whether a network is that of a proxy, from which all visitors seem to come.
    """

    def __init__(self, limit: RateLimit, is_exempt: Callable[[str], bool] = lambda network: False) -> None:
        self._limit = limit
        self._is_exempt = is_exempt

    def hit(self, visitor: Visitor, cost: int = 1) -> int:
        """Count one more action of a visitor, as `RateLimit.hit` does; an unknown network has no bound."""
        if not visitor.network or self._is_exempt(visitor.network):
            return 0
        return self._limit.hit(visitor.network, cost)


class Flood:
    """Bounds what visitors write: each visitor, and all visitors of a network together.

    Args:
        visitors: Counts by visitor, in actions of low cost.
        networks: Counts by network, in actions of low cost.
    """

    def __init__(self, visitors: RateLimit, networks: NetworkLimit) -> None:
        self._visitors = visitors
        self._networks = networks

    def hit(self, visitor: Visitor, low_cost: bool = False) -> int:
        """Count one more action of a visitor.

        Args:
            visitor: The visitor.
            low_cost: LOW_COST_SHARE such actions count as one message.

        Returns:
            The whole seconds until the visitor may do it; 0: it is within the limits.
        """
        cost = 1 if low_cost else LOW_COST_SHARE
        return self._visitors.hit(visitor.id, cost) or self._networks.hit(visitor, cost)


def in_low_cost_actions(item: limits.RateLimitItem | None) -> limits.RateLimitItem | None:
    """Return a limit of messages as one of actions of low cost."""
    return item and type(item)(item.amount * LOW_COST_SHARE, item.multiples)
