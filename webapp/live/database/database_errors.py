"""The exceptions that the libraries raise when the database is away, restarting or frozen."""

from __future__ import annotations

import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, TransactionManagementError

DATABASE_AWAY: tuple[type[Exception], ...] = (
    OperationalError,
    sqlite3.Error,  # Tortoise does not translate the errors of a COMMIT, such as "database or disk is full"
    DBConnectionError,
    TransactionManagementError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
    OSError,
    TimeoutError,
)
"""Errors that a statement raises when the database cannot be used now. Only `is_away` excludes IntegrityError."""

CONNECTION_LOST: tuple[type[Exception], ...] = (
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg began an operation while the connection was closed
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    OSError,
    TimeoutError,
)
"""Errors that mean the connection is lost. The outcome of the statement is unknown, and a retry on it fails too."""


def is_away(error: Exception) -> bool:
    """Return whether `error` means that the database cannot be used now, and not that a write was wrong."""
    return isinstance(error, DATABASE_AWAY) and not isinstance(error, IntegrityError)
