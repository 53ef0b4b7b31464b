"""Small parts of the sentences that rules say."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the name that is spelled most like another, or an empty text."""
    return next(iter(get_close_matches(name, list(names), 1, 0.6)), "")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the question whether the nearest name was meant, with a space before it, or an empty text."""
    found = nearest(name, names)
    return f" Did you mean {found}?" if found and found != name else ""
