"""Reads what a page asks robots not to show of it.

`noindex` is about lists of search results, and a preview in a talk is none; no other program that shows previews takes
it for a refusal. `nosnippet` and `max-snippet:0` say that nothing of the page may be quoted, so there is no preview.
`noimageindex` and `max-image-preview:none` leave out the image. A directive for a certain robot counts only if it is
ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ROBOT = "haikurooms-linkpreview"
"""The name of our robot, by which a site can mean it alone."""

_NO_WORDS = frozenset(("nosnippet", "max-snippet:0"))
_NO_IMAGE = frozenset(("noimageindex", "max-image-preview:none"))

# Directives that have a colon themselves. Any other word before a colon is the name of a robot.
_WITH_VALUES = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_FOR_ROBOT = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*:(.*)", re.DOTALL)


def may_quote(directives: Iterable[str]) -> bool:
    """Return whether the page lets its words be shown."""
    return _NO_WORDS.isdisjoint(directives)


def may_show_image(directives: Iterable[str]) -> bool:
    """Return whether the page lets its image be shown."""
    return _NO_IMAGE.isdisjoint(directives)


def of_header(values: Sequence[str]) -> set[str]:
    """Return the directives for our robot in the values of X-Robots-Tag."""
    found: set[str] = set()
    for value in values:
        named = _FOR_ROBOT.fullmatch(value)
        if named and named[1].lower() not in _WITH_VALUES:
            if named[1].lower() != ROBOT:
                continue
            value = named[2]
        found |= of_content(value)
    return found


def of_content(text: str) -> set[str]:
    """Return the directives in a text, such as the `content` of a meta element."""
    return {re.sub(r"\s+", "", part).lower() for part in text.split(",")}
