"""Notes in the database which rows pages lack, so that the triggers log the repair of such a row as a create."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database.namespace import Namespace, namespace_of

logger = logging.getLogger(__name__)

# The query returns one row if a primary key is not noted yet. Its parameters are a table and a JSON array of the keys.
_ANY_NEW = {
    "sqlite": """
        SELECT 1
        FROM {live_source} AS s
        JOIN json_each(?2) AS keys
        WHERE s.name = ?1
            AND NOT EXISTS (
                SELECT 1
                FROM {live_unreadable} AS u
                WHERE u.stream = s.stream AND u.pk = keys.value
            )
        LIMIT 1
    """,
    "postgres": """
        SELECT 1
        FROM {live_source} AS s, json_array_elements_text($2::json) AS keys (pk)
        WHERE s.name = $1
            AND NOT EXISTS (
                SELECT 1
                FROM {live_unreadable} AS u
                WHERE u.stream = s.stream AND u.pk = keys.pk
            )
        LIMIT 1
    """,
}

# The statement notes the keys. Its parameters are the same.
_NOTE = {
    "sqlite": """
        INSERT OR IGNORE INTO {live_unreadable} (stream, pk)
        SELECT s.stream, keys.value
        FROM {live_source} AS s
        JOIN json_each(?2) AS keys
        WHERE s.name = ?1
    """,
    "postgres": "SELECT {live_note}($1, $2::json)",
}

_told: set[tuple[str, type[Exception]]] = set()


@cache
def statements(dialect: str, namespace: Namespace) -> tuple[str, str]:
    """Return the query that tells whether a key is not noted yet, and the statement that notes the keys."""
    return namespace.sql(_ANY_NEW[dialect]), namespace.sql(_NOTE[dialect])


async def note(connection: BaseDBAsyncClient, table: str, keys: Sequence[Any]) -> bool:
    """Note that pages lack these rows, if a declaration watches the table.

    An error of the database is logged and not raised, because pages can show the other rows without the note.

    Args:
        connection: The connection to the database.
        table: The rows' table.
        keys: The rows' primary keys, as the database gave them.

    Returns:
        Whether one of the keys was not noted before, and is now.
    """
    any_new, note_keys = statements(connection.capabilities.dialect, namespace_of(connection) or Namespace())
    # The change log holds primary keys as text. Bytes that are not text are in no change, so they are left out.
    names = json.dumps([str(key) for key in keys if not isinstance(key, bytes)])
    try:
        if not await connection.execute_query_dict(any_new, [table, names]):
            return False
        await connection.execute_query_dict(note_keys, [table, names])
    except Exception as error:
        if (table, type(error)) not in _told:
            _told.add((table, type(error)))
            logger.warning("rows of %s that cannot be read could not be noted: %r", table, error)
        return False
    return True
