"""broadcaster's backends, changed to start in the right order, and to stop even if the server does not answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from broadcaster import Broadcast
from broadcaster._backends.postgres import PostgresBackend
from broadcaster._backends.redis import RedisBackend
from broadcaster._base import Event

from webapp.live.database import CannotListen, Pooling, PostgresURL, postgres_connect


def broadcast_for(url: str) -> Broadcast:
    """Return an unconnected Broadcast for a BROADCAST_URL."""
    if url.startswith("postgres"):
        return Broadcast(backend=_Postgres(PostgresURL.parse(url)))
    if url.startswith("redis"):
        return Broadcast(backend=_Redis(url))
    return Broadcast(url)


class _Redis(RedisBackend):
    async def connect(self) -> None:
        try:
            await super().connect()
        except BaseException:
            # Broadcast does not disconnect a backend that failed to connect. If this did not, the listener task, which
            # runs by now, would never end.
            await self.disconnect()
            raise

    async def subscribe(self, channel: str) -> None:
        # If the listener started first, as in the base class, redis-py 8 would end it, because it has no channel yet.
        await self._pubsub.subscribe(channel)
        self._ready.set()

    async def unsubscribe(self, channel: str) -> None:
        """Do nothing: `disconnect` closes the whole connection."""

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
    def __init__(self, url: PostgresURL) -> None:
        self._postgres = url

    async def connect(self) -> None:
        # If this waited while the server is full, the relay could not report that it is down. The relay tries again by
        # itself, and the poll finds the changes meanwhile.
        self._conn = await postgres_connect.connect(postgres_connect.without_statements(self._postgres), patience=0)
        try:
            await self._require_listening()
        except BaseException:
            # Broadcast does not disconnect a backend that failed to connect. If this did not, the connection would stay
            # open.
            await self.disconnect()
            raise
        self._listen_queue: asyncio.Queue[Event] = asyncio.Queue()

    async def _require_listening(self) -> None:
        if await postgres_connect.pooling_of(self._conn, self._postgres, patience=0) is Pooling.TRANSACTION:
            # If the relay listened here, it would hear its own heartbeat now and then, and take the connection for a
            # working one.
            raise CannotListen("a pooler in transaction mode keeps what other processes ring to itself")

    async def unsubscribe(self, channel: str) -> None:
        """Do nothing: `disconnect` closes the whole connection."""

    async def disconnect(self) -> None:
        self._conn.terminate()
