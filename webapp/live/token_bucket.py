"""A rate limit for one connection: cheap enough for each of thousands of sockets to have its own."""

from __future__ import annotations

import time


class TokenBucket:
    """Lets `burst` actions through at once, and `rate` a second from then on."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, burst: int, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._tokens = float(burst)
        self._at = time.monotonic()

    def take(self) -> int:
        """Count one more action.

        Returns:
            0 when it is within the limit, else the whole seconds (at least 1) until the next one will be.
        """
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return 1 + int((1 - self._tokens) / self._rate)
