"""asyncpg's pool beside others that use the same small server."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import asyncpg

from webapp.live.database.postgres_connect import is_full

POOL_TIMEOUT = 5.0
"""Seconds that a page or the writer waits for a connection to a server that is full."""

LOOK = 0.02
"""Seconds between two looks for a connection that came back."""

_limit = ContextVar("limit", default=POOL_TIMEOUT)
_waits = ContextVar("waits", default=False)


def patience_here() -> float:
    """Seconds that the connection which the current task opens may wait for the server to have room."""
    return _limit.get() if _waits.get() else 0.0


def wait_longer(seconds: float) -> None:
    """Have the current task, and those that it starts, wait that long for a connection instead of POOL_TIMEOUT."""
    _limit.set(seconds)


class PatientPool:
    """A pool that waits while the server is full, for whichever is first: room there, or a connection that comes back.

    asyncpg's own raises at once when it wants one more connection than the server gives, although those that it has
    will soon be free.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def acquire(self) -> Any:
        """A connection. Raises what connecting does; TooManyConnectionsError after POOL_TIMEOUT."""
        try:
            return await self._pool.acquire()
        except asyncpg.PostgresError as error:
            if not is_full(error):
                raise
        return await self._first_of_many()

    async def release(self, connection: Any) -> None:
        """Give a connection back; twice is harmless."""
        await self._pool.release(connection)

    async def close(self) -> None:
        """Close all connections, once they are given back."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close all connections at once."""
        self._pool.terminate()

    async def expire_connections(self) -> None:
        """Have every connection made anew when it is wanted next."""
        await self._pool.expire_connections()

    async def _first_of_many(self) -> Any:
        tasks: set[asyncio.Task[Any]] = set()
        won: asyncio.Task[Any] | None = None
        try:
            while won is None:
                # A task that waits for room keeps its place in the pool. So the next one gets another place, and with
                # it, sooner or later, a connection that came back.
                if not tasks or (self._pool.get_idle_size() and len(tasks) < self._pool.get_max_size()):
                    tasks.add(asyncio.create_task(self._acquire_patiently()))
                done, _ = await asyncio.wait(tasks, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
                won = next(iter(done), None)
            return await won
        finally:
            await self._give_up(tasks - {won})

    async def _acquire_patiently(self) -> Any:
        _waits.set(True)
        return await self._pool.acquire()

    async def _give_up(self, tasks: set[Any]) -> None:
        for task in tasks:
            task.cancel()
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(found, BaseException):
                await self._pool.release(found)
