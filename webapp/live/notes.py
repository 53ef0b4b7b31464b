"""Notes which rows pages were shown without, in the database, so that every process gives them a repaired row whole."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live import postgres, sqlite

logger = logging.getLogger(__name__)

_told: set[tuple[str, type[Exception]]] = set()


async def note(connection: BaseDBAsyncClient, table: str, keys: Sequence[Any]) -> bool:
    """Note that these rows of `table` are shown to nobody, where it is watched; whether one had not been noted yet.

    keys: the primary keys as the database gave them. That it cannot be done is no reason to show less: it is logged.
    """
    sql = sqlite if connection.capabilities.dialect == "sqlite" else postgres
    # As a text of the log: what is no text at all there is in nobody's change.
    names = json.dumps([str(key) for key in keys if not isinstance(key, bytes)])
    try:
        if not await connection.execute_query_dict(sql.NOT_NOTED, [table, names]):
            return False
        await connection.execute_query_dict(sql.NOTE, [table, names])
    except Exception as error:
        if (table, type(error)) not in _told:
            _told.add((table, type(error)))
            logger.warning("rows of %s that cannot be read could not be noted: %r", table, error)
        return False
    return True
