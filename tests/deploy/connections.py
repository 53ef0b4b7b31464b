"""How many connections of the app a PostgreSQL has, looked at all the time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

import asyncpg

from tests.support.patience import PATIENCE, POLL
from tests.support.postgres_server import PostgresServer

FULL = ("remaining connection slots are reserved", "sorry, too many clients already")
"""The line that a full PostgreSQL logs of each connection that it refuses."""

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"


class Connections:
    """Use it as a context manager. most: how many the user `app` has had at once; refused: how many it did not get."""

    def __init__(self, server: PostgresServer) -> None:
        self.most = 0
        self.refused = 0
        self._server = server
        self._enough = Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self.refused = -self._refusals()
        self._running = self._pool.submit(asyncio.run, self._look())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        try:
            self._running.result(PATIENCE)
        finally:
            self._pool.shutdown()
        self.refused += self._refusals()

    async def _look(self) -> None:
        # One of those that are kept for administrators.
        connection = await asyncpg.connect(self._server.url("app"))
        try:
            while not self._enough.is_set():
                self.most = max(self.most, await connection.fetchval(COUNT))
                await asyncio.sleep(POLL)
        finally:
            await connection.close()

    def _refusals(self) -> int:
        log = self._server.log_path.read_text(errors="replace")
        return sum(log.count(text) for text in FULL)
