"""Transactions on PostgreSQL: one that fails, in whatever way, leaves nothing behind on a connection of the pool."""

from __future__ import annotations

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from webapp.live.database.namespace import namespace_of
from webapp.live.database.postgres_reading import Executor


class TransactionClient(TransactionWrapper):
    """One connection, within a transaction."""

    executor_class = Executor

    def __init__(self, connection: AsyncpgDBClient) -> None:
        super().__init__(connection)
        self.namespace = namespace_of(connection)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(TransactionClient(self))


class Transaction(TransactionContextPooled):
    """Gives its connection back whatever happens on the way in or out, and never with an open transaction."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        client: Any = self.client
        client._connection = await client._parent._pool.acquire()  # noqa: SLF001 - as the base class
        try:
            await client.begin()
        except BaseException:
            # Whether it was begun is not known.
            client._connection.terminate()  # noqa: SLF001
            await self._release()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        client: Any = self.client
        try:
            if client._finalized:  # noqa: SLF001
                return
            if exc_type is None:
                await client.commit()
            elif exc_type is not TransactionManagementError:
                await client.rollback()
        finally:
            get_connections().reset(self.token)
            await self._release()

    async def _release(self) -> None:
        client: Any = self.client
        pool, connection = client._parent._pool, client._connection  # noqa: SLF001
        try:
            # The pool would roll it back as well, and call that a fault of the program.
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except BaseException as error:
            connection.terminate()
            if not isinstance(error, Exception):
                raise
        finally:
            if pool is not None:
                await pool.release(connection)
