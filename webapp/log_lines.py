"""Keeps each log message on one line, though a client may put control characters into it."""

from __future__ import annotations

import logging

# Characters that a terminal takes for a command, that begin a new line, or that change the direction of the text.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in _CONTROLS}


class LineFormatter(logging.Formatter):
    """Writes a message on one line, with control characters escaped. A traceback follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Return the line without the traceback."""
        return super().formatMessage(record).translate(_ESCAPED)
