"""Tortoise's client for PostgreSQL, changed to obey all options of the URL and to work through pgbouncer."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import TransactionContext

from webapp.live.database import postgres_connect
from webapp.live.database.namespace import LIVE, Namespace
from webapp.live.database.postgres_connect import Pooling
from webapp.live.database.postgres_pool import PatientPool, patience_here
from webapp.live.database.postgres_reading import Executor
from webapp.live.database.postgres_transaction import Transaction, TransactionClient
from webapp.live.database.postgres_url import PostgresURL

logger = logging.getLogger(__name__)

COMMAND_TIMEOUT = 10.0
"""Seconds that a statement may take. Without a limit a frozen database would hold a page or the writer for ever."""


async def _as_it_is(connection: object) -> None:
    """Give a connection back to its pool without a reset.

    asyncpg's own reset of settings, cursors and locks costs a round trip, as long as most queries. Here everything that
    is done on a connection ends with its transaction, and asyncpg has rolled back an open one before it calls this.
    """


class PostgresClient(AsyncpgDBClient):
    """A pool of connections to one PostgreSQL.

    Behind a pooler in transaction mode no statement stays prepared. Without a cache, asyncpg sends a statement together
    with its values, so that both reach one server connection.

    Args:
        url: The URL, read.
        maxsize: Connections, at most.
        namespace: The namespace of the change log that the app keeps there.
        kwargs: Arguments of Tortoise's own client.
    """

    executor_class = Executor

    def __init__(self, url: PostgresURL, maxsize: int, namespace: str = LIVE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.namespace = Namespace(namespace)
        self._url = url
        self.pool_maxsize = maxsize
        self._pooling: Pooling | None = Pooling.TRANSACTION if url.pooled else None
        self._asking = asyncio.Lock()

    async def create_connection(self, with_db: bool) -> None:
        """Make the pool, which opens a connection when a task asks for one."""
        pool = await asyncpg.create_pool(
            **self._url.connecting,
            min_size=0,
            max_size=self.pool_maxsize,
            command_timeout=COMMAND_TIMEOUT,
            reset=_as_it_is,
            connect=self._connect,
        )
        self._pool = PatientPool(pool)
        await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return Transaction(TransactionClient(self), self._pool_init_lock)

    async def _connect(self, dsn: str | None, **connecting: Any) -> asyncpg.Connection:
        await self._find_out()
        connecting["dsn"] = dsn
        if self._pooling is Pooling.TRANSACTION:
            connecting["statement_cache_size"] = 0
        return await postgres_connect.connect(connecting, patience_here())

    async def _find_out(self) -> None:
        async with self._asking:
            if self._pooling is None:
                self._pooling = await postgres_connect.pooling(self._url, patience_here())
                if self._pooling is Pooling.TRANSACTION:
                    logger.info("DATABASE_URL leads through a pooler in transaction mode: no statement stays prepared")


client_class = PostgresClient
"""Tortoise reads this name in the module that a connection's `engine` names."""
