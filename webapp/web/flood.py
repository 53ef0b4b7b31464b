"""How often a visitor may say something."""

from __future__ import annotations

import math
import time

import limits
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter


class Flood:
    """A moving window per visitor, in this process's memory. `limit` None: no bound."""

    def __init__(self, limit: limits.RateLimitItem | None) -> None:
        self._limit = limit
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, visitor_id: str) -> int:
        """Count one more; 0 when it is within the limit, else the whole seconds until it will be."""
        if self._limit is None or await self._limiter.hit(self._limit, visitor_id):
            return 0
        stats = await self._limiter.get_window_stats(self._limit, visitor_id)
        return max(1, math.ceil(stats.reset_time - time.time()))
