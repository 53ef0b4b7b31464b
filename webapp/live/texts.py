"""Text as it may be stored and shown."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

# Letters and symbols that show nothing.
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


def cleaned(text: str, one_line: bool = False) -> str:
    """`text` trimmed, without control characters; every kind of line end is a newline or, on one line, a space."""
    if not text.isprintable():
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        if one_line:
            text = text.replace("\n", " ")
    return text.strip()


def is_blank(text: str) -> bool:
    """Whether nothing of `text` could be seen."""
    if text.isascii() and text.isprintable():
        return not text.strip()
    # Marks alone have nothing to stand on.
    return all(unicodedata.category(char)[0] in "ZCM" or char in _FILLERS for char in text)


def is_storable(text: str) -> bool:
    """Whether every database takes `text`: it has no NUL, and no lone half of a character."""
    return "\0" not in text and not _SURROGATES.search(text)
