"""Counts hits of rate limits across processes, through a Redis.

In: hits in this process.
Out: hits in other processes, about a second later.

Asking the Redis at each hit would cost a message 0.2 ms. So each process counts for itself, and adds what the others
counted once a second. A key that has used a small part of its limit is not shared at all: most visitors never cost a
command. So N processes together let through at most the limit, N times that part, and what comes within a second.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge

from webapp.web.rate_limit import RateLimit

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two exchanges."""

TIMEOUT = 2.0
"""Seconds that an exchange may take."""

UNSHARED_PART = 0.1
"""The part of its limit that a key may use before the process shares it."""

KEYS = 1000
"""Keys that one exchange shares, at most; those with the most hits come first."""


class _Key(NamedTuple):
    limit: RateLimit
    item: RateLimitItem
    key: str
    window: int

    @property
    def lifetime(self) -> int:
        """Seconds that the Redis keeps the count: its window, and the next one."""
        return 2 * self.item.get_expiry()

    @property
    def unshared(self) -> int:
        """Hits below which the process keeps the count to itself."""
        return math.ceil(self.item.amount * UNSHARED_PART)


class SharedCounts:
    """Exchanges hits with the other processes of the deployment.

    Args:
        url: The `redis://…` or `rediss://…` URL.
        namespace: The beginning of all keys.
    """

    def __init__(self, url: str, namespace: str) -> None:
        self._storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix=f"{namespace}:limit")
        # The storage has no way to close its connections.
        self._client: Any = cast(RedispyBridge, self._storage.bridge).storage
        self._pending: Counter[_Key] = Counter()
        self._known: dict[_Key, int] = {}
        self._is_away = False

    @property
    def kept(self) -> int:
        """Keys that this process keeps."""
        return len(self._pending.keys() | self._known.keys())

    def note(self, limit: RateLimit, key: str, cost: int) -> None:
        """Note a hit in this process, for the next exchange."""
        item = limit.item
        if item is not None:
            self._pending[_Key(limit, item, key, int(time.time() // item.get_expiry()))] += cost

    async def work(self, engine: Any) -> None:
        """Exchange hits until cancelled. While the Redis is away, each process counts for itself."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self._try_exchange()
        finally:
            await self.close()

    async def _try_exchange(self) -> None:
        try:
            await asyncio.wait_for(self.exchange(), TIMEOUT)
        except Exception as error:
            if not self._is_away:
                logger.warning("rate limits count in each process for itself: %r", error)
            self._is_away = True
        else:
            self._is_away = False

    async def close(self) -> None:
        """Close the connections to the Redis."""
        await self._client.aclose()

    async def exchange(self) -> None:
        """Add this process's hits to the Redis, and the others' to this process's limits.

        Raises:
            Exception: The Redis is away. The hits stay for the next exchange.
        """
        self._forget()
        for key in self._shared():
            hits, known = self._pending.pop(key, 0), self._known.get(key, 0)
            try:
                total = await self._storage.incr(f"{key.limit.name}/{key.key}/{key.window}", key.lifetime, hits)
            except BaseException:
                self._pending[key] += hits
                raise
            self._known[key] = total
            key.limit.add(key.key, total - known - hits)

    def _shared(self) -> Sequence[_Key]:
        """Return the keys to exchange. Those without hits here are asked for as well: other processes may have some."""
        large = [key for key, hits in self._pending.items() if key in self._known or hits >= key.unshared]
        return sorted({*self._known, *large}, key=self._pending.__getitem__, reverse=True)[:KEYS]

    def _forget(self) -> None:
        """Drop the keys of windows that are over."""
        now = time.time()
        for kept in (self._pending, self._known):
            for key in [key for key in kept if (key.window + 1) * key.item.get_expiry() < now]:
                del kept[key]
