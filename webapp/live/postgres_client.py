"""Tortoise's client for PostgreSQL, connecting as the whole URL says, through pgbouncer too."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import PoolConnectionWrapper, TransactionContext

from webapp.live import postgres_connect
from webapp.live.postgres_connect import Pooling
from webapp.live.postgres_pool import PatientPool, patience_here
from webapp.live.postgres_reading import Executor
from webapp.live.postgres_transaction import Transaction, TransactionClient
from webapp.live.postgres_url import PostgresURL

logger = logging.getLogger(__name__)

COMMAND_TIMEOUT = 10.0
"""Seconds that a statement may take; a database that is frozen must not hold a page, or the writer, for ever."""


async def _as_it_is(connection: object) -> None:
    """Give a connection back to its pool: whatever is done with one here ends with its transaction.

    asyncpg would ask the database to forget settings, cursors and locks, which is as long a way as most queries. A
    transaction that is still open it has rolled back before it calls this.
    """


class PostgresClient(AsyncpgDBClient):
    """A pool of at most `maxsize` connections to `url`.

    Behind a pooler in transaction mode nothing is prepared for longer than a transaction, and each statement runs in
    one: asyncpg sends a statement and its values in two steps, and between two transactions the pooler may hand the
    second step to a server connection on which another client has prepared something else.
    """

    executor_class = Executor

    def __init__(self, url: PostgresURL, maxsize: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self.pool_maxsize = maxsize
        self._pooling: Pooling | None = Pooling.TRANSACTION if url.pooled else None
        self._asking = asyncio.Lock()

    async def create_connection(self, with_db: bool) -> None:
        """Make the pool; it connects when a connection is wanted."""
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

    def acquire_connection(self) -> Any:
        """A connection from the pool, for one statement."""
        if self._pooling is Pooling.NONE:
            return super().acquire_connection()
        return _InTransaction(self)

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


class _InTransaction(PoolConnectionWrapper[asyncpg.Connection]):
    """A pool's connection, inside a transaction where a pooler makes that necessary."""

    __slots__ = ("_transaction",)

    def __init__(self, client: PostgresClient) -> None:
        super().__init__(client, client._pool_init_lock)  # noqa: SLF001
        self._transaction: Any = None

    async def __aenter__(self) -> asyncpg.Connection:
        connection = await super().__aenter__()
        # The first connection has found out by now.
        if self.client._pooling is Pooling.TRANSACTION:  # type: ignore[attr-defined]  # noqa: SLF001
            try:
                self._transaction = connection.transaction()
                await self._transaction.start()
            except BaseException:
                await super().__aexit__(None, None, None)
                raise
        return connection

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if self._transaction is not None:
                await (self._transaction.commit() if kind is None else self._transaction.rollback())
        finally:
            await super().__aexit__(kind, error, trace)


client_class = PostgresClient
"""What Tortoise looks for in the module that a configuration names as its engine."""
