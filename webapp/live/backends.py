"""broadcaster's backends, hardened: they start in the right order, and stop without waiting for who does not answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from broadcaster import Broadcast
from broadcaster._backends.postgres import PostgresBackend
from broadcaster._backends.redis import RedisBackend


def broadcast_for(url: str) -> Broadcast:
    """An unconnected Broadcast for a BROADCAST_URL."""
    if url.startswith("postgres"):
        return Broadcast(backend=_Postgres(url))
    if url.startswith("redis"):
        return Broadcast(backend=_Redis(url))
    return Broadcast(url)


class _Redis(RedisBackend):
    async def connect(self) -> None:
        try:
            await super().connect()
        except BaseException:
            # Broadcast disconnects only what was connected, and the listener runs already.
            await self.disconnect()
            raise

    async def subscribe(self, channel: str) -> None:
        # The other way round, as the base class has it, redis-py 8 ends the listener before it has a channel.
        await self._pubsub.subscribe(channel)
        self._ready.set()

    async def unsubscribe(self, channel: str) -> None:
        """The connection is thrown away as a whole."""

    async def disconnect(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])
            if not self._listener.cancelled():
                self._listener.exception()
        with suppress(Exception):
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        with suppress(Exception):
            await self._conn.aclose()


class _Postgres(PostgresBackend):
    async def unsubscribe(self, channel: str) -> None:
        """The connection is thrown away as a whole."""

    async def disconnect(self) -> None:
        self._conn.terminate()
