"""The time as the tables of the previews store it."""

from __future__ import annotations

import time

SECOND = 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def now() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000
