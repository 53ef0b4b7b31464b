"""How often one place may be asked, so that nobody can use this server to burden another."""

from __future__ import annotations

import math
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter


class Pace:
    """Counts the requests of this process to each place.

    Args:
        per_minute: Requests to one place in a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._limit = limits.RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait(self, place: str) -> int:
        """Count one more request.

        Returns:
            Whole seconds until the place may be asked; 0: now.
        """
        if self._limiter.hit(self._limit, place):
            return 0
        stats = self._limiter.get_window_stats(self._limit, place)
        return max(1, math.ceil(stats.reset_time - time.time()))
