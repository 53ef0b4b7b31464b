"""asyncpg's pool, changed to wait while other programs use all connections of a small server."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import asyncpg

from webapp.live.database.postgres_connect import is_full

POOL_TIMEOUT = 5.0
"""Seconds that a page or the writer waits for a connection to a full server."""

LOOK = 0.02
"""Seconds between two checks for a connection that another task gave back."""

_limit = ContextVar("limit", default=POOL_TIMEOUT)
_waits = ContextVar("waits", default=False)


def patience_here() -> float:
    """Return the seconds that a connection which the current task opens may wait for a full server."""
    return _limit.get() if _waits.get() else 0.0


def wait_longer(seconds: float) -> None:
    """Make the current task, and the tasks that it starts, wait `seconds` for a connection instead of POOL_TIMEOUT."""
    _limit.set(seconds)


class PatientPool:
    """A pool that waits while the server is full, until the server has room or another task gives a connection back.

    asyncpg's own pool raises at once if the server refuses one more connection, although other tasks will soon give
    back those that the pool has.

    Args:
        pool: asyncpg's pool.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def acquire(self) -> Any:
        """Return a connection.

        Raises:
            Exception: As in `postgres_connect.connect`; TooManyConnectionsError after POOL_TIMEOUT.
        """
        try:
            return await self._pool.acquire()
        except asyncpg.PostgresError as error:
            if not is_full(error):
                raise
        return await self._first_of_many()

    async def release(self, connection: Any) -> None:
        """Give a connection back. A second call with the same connection does nothing."""
        await self._pool.release(connection)

    async def close(self) -> None:
        """Close all connections, each once it is given back."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close all connections at once."""
        self._pool.terminate()

    async def expire_connections(self) -> None:
        """Replace every connection by a new one when a task next asks for it."""
        await self._pool.expire_connections()

    async def _first_of_many(self) -> Any:
        tasks: set[asyncio.Task[Any]] = set()
        won: asyncio.Task[Any] | None = None
        try:
            while won is None:
                # A task that waits for the server occupies one slot of the pool. If no other task asked for another
                # slot, a connection that was given back would stay unused.
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
