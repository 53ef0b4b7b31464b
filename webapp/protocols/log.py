"""Log lines that a client can cause at will."""

from __future__ import annotations

import logging
import time

EVERY_SECONDS = 10.0
"""Seconds for which one line stands for all others of its kind."""


class CollapsedLog:
    """Warnings of which each kind is written once in EVERY_SECONDS, with the number of those left out since.

    The kind is the text without its arguments, so the memory is bounded by the number of texts in the code.
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
