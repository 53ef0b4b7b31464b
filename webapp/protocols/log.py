"""Log lines that a client can cause at will."""

from __future__ import annotations

import logging
import time

EVERY_SECONDS = 10.0
"""Seconds in which one line is written for all warnings of a kind."""


class CollapsedLog:
    """Logs one warning of each kind in EVERY_SECONDS, with the number of those that it has left out since.

    The kind of a warning is its text without the arguments, so the number of texts in the code bounds the memory.

    Args:
        logger: Writes the warnings.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._kinds: dict[str, tuple[float, int]] = {}

    def warning(self, text: str, *args: object) -> None:
        """Log a warning, or count it."""
        now = time.monotonic()
        next_at, left_out = self._kinds.get(text, (0.0, 0))
        if now < next_at:
            self._kinds[text] = (next_at, left_out + 1)
            return
        self._kinds[text] = (now + EVERY_SECONDS, 0)
        more = f" ({left_out} more like this)" if left_out else ""
        self._logger.warning(f"{text}%s", *args, more)  # noqa: G004 - the text is one of the code's own
