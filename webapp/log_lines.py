"""Lines of the log that stay lines, whatever a client puts into them."""

from __future__ import annotations

import logging

# Characters that a terminal takes for an order, that begin a new line, or that turn the direction of what follows.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in _CONTROLS}


class LineFormatter(logging.Formatter):
    """Writes a message on one line, its control characters escaped; a traceback follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line without the traceback."""
        return super().formatMessage(record).translate(_ESCAPED)
