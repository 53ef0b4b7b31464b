"""Logs once that the database is away, and once that it is back, even if many feeds notice."""

from __future__ import annotations

import logging

from webapp.live.database import is_away

logger = logging.getLogger(__name__)


class DatabaseHealth:
    """The state of the database, as the feeds of one process report it."""

    def __init__(self) -> None:
        self._away = False

    def failed(self, group: str, error: Exception) -> None:
        """Note that the feed of `group` could not go on because of `error`."""
        if not is_away(error):
            logger.error("%s: could not be brought up to date; trying again", group, exc_info=error)
        elif not self._away:
            self._away = True
            logger.warning("the database is away (%r); trying again until it is back", error)

    def recovered(self) -> None:
        """Note that a feed reached the database."""
        if self._away:
            self._away = False
            logger.warning("the database is back")
