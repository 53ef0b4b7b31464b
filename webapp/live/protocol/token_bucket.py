"""A token bucket whose state is one number, since every socket has one."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that a client may exceed for a while.

    The caller keeps the state: the moment, on the monotonic clock, up to which the client has used the rate up.

    Attributes:
        burst: Units that a client may use at once.
        per_second: Units that it gets back each second.
    """

    burst: int
    per_second: float

    def spend(self, spent: float, cost: float = 1) -> float:
        """Return the state after `cost` more units."""
        return max(spent, time.monotonic()) + cost / self.per_second

    def debt(self, spent: float) -> float:
        """Return the seconds until the client is within the rate again; 0: it is within the rate."""
        return max(0.0, spent - time.monotonic() - self.burst / self.per_second) if spent else 0.0
