"""The initial of a name, for the disc beside a person's messages."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

from webapp.live.validation import without_unseen

LIMIT = 12
"""Characters of an initial, at most: a family of four in one picture has eleven."""

_WRITTEN: Final = regex.compile(r"(?=[\p{L}\p{N}\p{Extended_Pictographic}])\X")
_ANY: Final = regex.compile(r"\X")


@lru_cache(4096)
def initial_of(name: str) -> str:
    """Return what a reader takes for the first letter of `name`, as a capital; a picture if it starts with one."""
    text = without_unseen(name)
    found = _WRITTEN.search(text) or _ANY.match(text)
    first = found[0] if found else ""
    capital = first.upper()
    # Some letters have a capital of two: ß would become SS.
    return (capital if len(capital) == len(first) else first)[:LIMIT]
