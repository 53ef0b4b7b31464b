"""Names each row that pages are shown without in the log, once for each cause."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

REPORTS = 10_000
"""Rows and causes that the process remembers as reported. After that many, it forgets them and reports them again."""

REASON_LIMIT = 200
"""Characters of a cause in the log, at most. A cause may quote the value of a column, which may be long."""

_reported: set[tuple[str, str, str]] = set()


def report(table: str, key: object, column: str, reason: str) -> None:
    """Log that a row is left out. Each row and cause is logged once, and not at each page load.

    Args:
        table: The row's table.
        key: The row's primary key, as the database gave it.
        column: The column that does not fit.
        reason: Why it does not fit; only the first REASON_LIMIT characters are logged.
    """
    reason = reason[:REASON_LIMIT]
    line = (table, repr(key), f"{column} {reason}")
    if line in _reported:
        return
    if len(_reported) >= REPORTS:
        _reported.clear()
    _reported.add(line)
    logger.warning("%s %r is left out until it is repaired: column %s: %s", table, key, column, reason)
