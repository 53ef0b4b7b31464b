"""Builds the rate limits of a deployment from its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import limits

from webapp.live.database import LIVE
from webapp.live.live import Task
from webapp.settings import Settings
from webapp.web import Flood, NetworkLimit, RateLimit, SharedCounts, in_low_cost_actions, proxies_in

GUESSES = limits.RateLimitItemPerMinute(10, 10)
"""Passphrases that a visitor may try, and requests to be let in: ten in ten minutes."""

GUESSES_PER_ADDRESS = limits.RateLimitItemPerMinute(100, 10)
"""The same for all visitors of an address together. A school class that comes in at once is within it."""

SEARCHES = limits.RateLimitItemPerMinute(120)
"""Searches of a visitor. A page searches whenever its visitor pauses in typing."""

SEARCHES_PER_ADDRESS = limits.RateLimitItemPerMinute(600)
"""The same for all visitors of an address together."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The rate limits of one process.

    Attributes:
        writes: Bounds messages and presses.
        rooms: Bounds rooms.
        guesses: Bounds how often visitors try to come into rooms that are closed to them.
        searches: Bounds how often visitors search in rooms.
        tasks: Background work that exchanges counts with other processes.
    """

    writes: Flood
    rooms: NetworkLimit
    guesses: Flood
    searches: Flood
    tasks: Sequence[Task]


def rate_limits(settings: Settings) -> RateLimits:
    """Return the rate limits; several processes count together if they have a Redis."""
    is_limited = settings.rate_limit is not None
    is_shared = is_limited and settings.broadcast_url.startswith("redis")
    counts = SharedCounts(settings.broadcast_url, LIVE) if is_shared else None
    is_exempt = proxies_in(settings.trusted_proxies)
    messages = RateLimit("messages", in_low_cost_actions(settings.rate_limit_per_address), counts)
    return RateLimits(
        writes=Flood(
            RateLimit("visitor", in_low_cost_actions(settings.rate_limit)),
            NetworkLimit(messages, is_exempt),
        ),
        rooms=NetworkLimit(RateLimit("rooms", settings.rooms_per_address, counts), is_exempt),
        guesses=Flood(
            RateLimit("guesses", in_low_cost_actions(GUESSES)),
            NetworkLimit(RateLimit("guesses", in_low_cost_actions(GUESSES_PER_ADDRESS), counts), is_exempt),
        ),
        searches=Flood(
            RateLimit("searches", SEARCHES if is_limited else None),
            NetworkLimit(RateLimit("searches", SEARCHES_PER_ADDRESS if is_limited else None, counts), is_exempt),
        ),
        tasks=[] if counts is None else [counts.work],
    )
