"""How often a visitor may say something."""

from __future__ import annotations

import math
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

LOW_COST_SHARE = 5
"""Presses of a button that count as much as one message."""


class Flood:
    """A sliding window per visitor, in this process's memory. `limit` None: no bound.

    Of the strategies this is the one whose storage forgets who went away; and the synchronous one, because the
    asynchronous one starts a thread per known visitor at every hit.
    """

    def __init__(self, limit: limits.RateLimitItem | None) -> None:
        self._limit = limit and type(limit)(limit.amount * LOW_COST_SHARE, limit.multiples)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, visitor_id: str, low_cost: bool = False) -> int:
        """Count one more; 0 when it is within the limit, else the whole seconds until it will be."""
        if self._limit is None or self._limiter.hit(self._limit, visitor_id, cost=1 if low_cost else LOW_COST_SHARE):
            return 0
        stats = self._limiter.get_window_stats(self._limit, visitor_id)
        return max(1, math.ceil(stats.reset_time - time.time()))
