"""Opens connections to PostgreSQL, waits while the server is full, and detects a pooler in between."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

import asyncpg

from webapp.live.database.postgres_url import PostgresURL

logger = logging.getLogger(__name__)

RETRY = (0.1, 1.0)
"""Seconds before the first new try on a full server, and before any later try, at most."""

STARTING = 60.0
"""Seconds that a command waits for a connection while the server is full or starting."""

TELL_AGAIN = 60.0
"""Seconds before the log says once more that the server is full."""

_ROUNDS = 3
"""Times that the pooler is asked. If it were asked once, a busy pooler could give the same connection by chance."""


class Pooling(Enum):
    """How connections reach the server.

    A pooler in transaction mode gives each transaction any server connection that is free. State that outlives a
    transaction is lost there, or reaches another client: prepared statements, LISTEN, session locks.
    """

    NONE = "none, or a pooler that gives a client one connection for as long as it stays"
    TRANSACTION = "a pooler in transaction mode"


class CannotListen(Exception):
    """The relay's URL leads through a pooler in transaction mode, where LISTEN receives nothing of other processes."""


def is_full(error: BaseException) -> bool:
    """Return whether `error` means that the server, or a pooler, takes no more connections now."""
    # pgbouncer has no error code for this, so its text is compared.
    return isinstance(error, asyncpg.TooManyConnectionsError) or (
        isinstance(error, asyncpg.PostgresError) and "no more connections allowed" in str(error)
    )


def is_starting(error: BaseException) -> bool:
    """Return whether `error` means that the server is starting, and will take connections soon."""
    return isinstance(error, asyncpg.CannotConnectNowError)


async def connect(connecting: Mapping[str, Any], patience: float, starting: bool = False) -> asyncpg.Connection:
    """Open a connection. While the server is full, wait and try again.

    Args:
        connecting: Keyword arguments for `asyncpg.connect`.
        patience: Seconds to wait for a full server, at most.
        starting: Whether to wait for a server that is starting up as well.

    Raises:
        Exception: One of `DATABASE_AWAY`: the server is still full after `patience`, or cannot be reached.
    """
    deadline = time.monotonic() + patience
    delay = RETRY[0]
    while True:
        try:
            return await asyncpg.connect(**connecting)
        except asyncpg.PostgresError as error:
            if not (is_full(error) or (starting and is_starting(error))):
                raise
            # If this gave up when less than a whole delay is left, the last try would come before the deadline.
            if time.monotonic() >= deadline:
                raise
            _tell(error)
        # If the delay were not random, all waiting processes would come back at the same moment.
        await asyncio.sleep(min(delay * random.uniform(0.5, 1), max(0.0, deadline - time.monotonic())))  # noqa: S311
        delay = min(delay * 2, RETRY[1])


_told = -TELL_AGAIN


def _tell(error: Exception) -> None:
    global _told
    if time.monotonic() - _told > TELL_AGAIN:
        _told = time.monotonic()
        logger.warning("PostgreSQL takes no more connections now (%s); waiting. See DATABASE_POOL.", _line(error))


async def pooling(url: PostgresURL, patience: float) -> Pooling:
    """Find out whether a pooler is between this process and the server.

    Args:
        url: The URL.
        patience: As in `connect`.

    Raises:
        Exception: As in `connect`.
    """
    if url.pooled:
        return Pooling.TRANSACTION
    connection = await connect(without_statements(url), patience)
    try:
        return await pooling_of(connection, url, patience)
    finally:
        await close(connection)


async def pooling_of(connection: asyncpg.Connection, url: PostgresURL, patience: float) -> Pooling:
    """Find out the same as `pooling`, with a connection to `url` that is open already."""
    # If a pooler is in between, it has started the session by itself, with a number that is no server process's.
    if await _backend(connection) == connection.get_server_pid():
        return Pooling.NONE
    return await _pooler_mode(connection, without_statements(url), patience)


def without_statements(url: PostgresURL) -> dict[str, Any]:
    """Return the keyword arguments for a connection that keeps no prepared statement between two transactions."""
    return {**url.connecting, "statement_cache_size": 0}


async def close(connection: asyncpg.Connection) -> None:
    """Close a connection in any state, within two seconds, and never raise an error."""
    with suppress(Exception):
        await connection.close(timeout=2)


async def _pooler_mode(first: asyncpg.Connection, connecting: Mapping[str, Any], patience: float) -> Pooling:
    second = await connect(connecting, patience)
    try:
        for _ in range(_ROUNDS):
            own = await _backend(first)
            # In session mode the first client keeps its server connection, so the second one never gets it.
            if await _backend(second) == own or await _backend(first) != own:
                return Pooling.TRANSACTION
    except TimeoutError:
        # The pooler has a single connection, and the first client keeps it, as in session mode.
        return Pooling.NONE
    finally:
        await close(second)
    return Pooling.NONE


async def _backend(connection: asyncpg.Connection) -> int:
    number: int = await connection.fetchval("SELECT pg_backend_pid()", timeout=5)
    return number


def _line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else repr(error)
