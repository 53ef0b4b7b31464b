"""The rate limit: bounds how often a visitor may write."""

from __future__ import annotations

import math
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

LOW_COST_SHARE = 5
"""Actions of low cost, such as presses of a button, that count as much as one message."""


class Flood:
    """A sliding window per visitor, in this process's memory.

    The storage of other strategies keeps every visitor for ever. The asynchronous variant starts a thread per known
    visitor at every hit.

    Args:
        limit: Messages in a time; None: no bound.
    """

    def __init__(self, limit: limits.RateLimitItem | None) -> None:
        self._limit = limit and type(limit)(limit.amount * LOW_COST_SHARE, limit.multiples)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, visitor_id: str, low_cost: bool = False) -> int:
        """Count one more action of a visitor.

        Args:
            visitor_id: The visitor.
            low_cost: LOW_COST_SHARE such actions count as one message.

        Returns:
            The whole seconds until the visitor may do it; 0: the action is within the limit.
        """
        if self._limit is None or self._limiter.hit(self._limit, visitor_id, cost=1 if low_cost else LOW_COST_SHARE):
            return 0
        stats = self._limiter.get_window_stats(self._limit, visitor_id)
        return max(1, math.ceil(stats.reset_time - time.time()))
