"""Formats log lines, as text or as JSON, and keeps each message on one line, though clients may send line breaks."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from webapp.live.visitor import visitor_of_task
from webapp.operations import request_id

# Characters that a terminal takes for a command, that begin a new line, or that change the direction of the text.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in _CONTROLS}

_KEY = re.compile(r"(?<=[?&]key=)[^&\s]+")
"""The secret in the URL of an owner link."""


def logging_config(as_json: bool, stream: str = "stdout") -> dict[str, Any]:
    """Return the configuration of the log, for `logging.config.dictConfig` and for uvicorn.

    Args:
        as_json: Whether each line is a JSON object, instead of text.
        stream: `stdout`, or `stderr` for a command whose standard output is its result.
    """
    text = {"()": LineFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s%(ids)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter} if as_json else text},
        "filters": {"ids": {"()": Ids}, "secrets": {"()": WithoutSecrets}},
        "handlers": {
            "stream": {"()": handler_of, "stream": stream, "formatter": "line", "filters": ["secrets", "ids"]}
        },
        "root": {"level": "INFO", "handlers": ["stream"]},
    }


def handler_of(stream: str) -> logging.Handler:
    """Return the handler that writes to `stream` of this process, and escapes characters that its encoding lacks.

    Without the escapes, standard output would refuse such a character, and the event would be lost.
    """
    found = getattr(sys, stream)
    if hasattr(found, "reconfigure"):
        found.reconfigure(errors="backslashreplace")
    return logging.StreamHandler(found)


class WithoutSecrets(logging.Filter):
    """Takes the secrets of owner links out of the lines of the access log, which people pass on."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secret, and return True: every record passes."""
        if record.name == "uvicorn.access" and isinstance(record.args, tuple):
            record.args = tuple(_KEY.sub("…", each) if isinstance(each, str) else each for each in record.args)
        return True


class Ids(logging.Filter):
    """Adds to each record the ids of the request and of the visitor that the current task serves."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids, and return True: every record passes."""
        known = {"request": request_id.get(), "visitor": visitor_of_task.get()[:8]}
        told = ", ".join(f"{name} {text}" for name, text in known.items() if text)
        vars(record).update(known, ids=f" ({told})" if told else "")
        return True


class LineFormatter(logging.Formatter):
    """Writes a message on one line, with control characters escaped. A traceback follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Return the line without the traceback."""
        return super().formatMessage(record).translate(_ESCAPED)


class JsonFormatter(logging.Formatter):
    """Writes a record as a JSON object on one line of ASCII. A traceback is one text in the object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        known: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": getattr(record, "request", ""),
            "visitor": getattr(record, "visitor", ""),
            "process": record.process,
            **_access(record),
            "exception": self.formatException(record.exc_info) if record.exc_info else "",
            "stack": record.stack_info or "",
        }
        return json.dumps({name: value for name, value in known.items() if value != ""}, default=str)


def _access(record: logging.LogRecord) -> dict[str, Any]:
    """Return the parts of a line of uvicorn's access log by name; empty for any other line."""
    names = ("client", "method", "path", "http", "status")
    if record.name != "uvicorn.access" or not isinstance(record.args, tuple) or len(record.args) != len(names):
        return {}
    return dict(zip(names, record.args, strict=True))
