"""Transactions on PostgreSQL. A failed one leaves no open transaction on a connection of the pool."""

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
    """Tortoise's client for one connection, within a transaction."""

    executor_class = Executor

    def __init__(self, connection: AsyncpgDBClient) -> None:
        super().__init__(connection)
        self.namespace = namespace_of(connection)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(TransactionClient(self))


class Transaction(TransactionContextPooled):
    """A transaction that always gives its connection back, and never with an open transaction.

    Tortoise's own keeps the connection if BEGIN fails or is cancelled, and can give one back with an open transaction.
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        client: Any = self.client
        client._connection = await client._parent._pool.acquire()  # noqa: SLF001 - as the base class
        try:
            await client.begin()
        except BaseException:
            # The server may have begun the transaction. If the pool got this connection back, the next task would be in
            # it.
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
            # If the transaction stayed open, the pool would roll it back, and log that as an error of the program.
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except BaseException as error:
            connection.terminate()
            if not isinstance(error, Exception):
                raise
        finally:
            if pool is not None:
                await pool.release(connection)
