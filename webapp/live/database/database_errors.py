"""What the libraries raise when the database is away, restarting or frozen."""

from __future__ import annotations

import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, TransactionManagementError

DATABASE_AWAY: tuple[type[Exception], ...] = (
    OperationalError,
    sqlite3.Error,  # Tortoise passes on what a COMMIT raises, such as "database or disk is full", as it is
    DBConnectionError,
    TransactionManagementError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
    OSError,
    TimeoutError,
)


CONNECTION_LOST: tuple[type[Exception], ...] = (
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was closed while something was begun on it
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    OSError,
    TimeoutError,
)
"""Of these, what says nothing of the statement that was under way: the next one would fare no better."""


def is_away(error: Exception) -> bool:
    """Whether `error` says that the database cannot be used now, and not that a write was wrong."""
    return isinstance(error, DATABASE_AWAY) and not isinstance(error, IntegrityError)
