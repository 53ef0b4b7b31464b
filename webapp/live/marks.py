"""Marks: short texts that tell the visitors of a group apart, and link no visitor's groups."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

from webapp.live.visitor import Visitor

HUES = "abcdefghijklmnop"
"""The first letter of a mark, by which style sheets choose a visitor's colour."""

PAIRS = ("AB", "CD", "EF", "GH", "JK", "LM")
"""After the hue come pairs of a capital and a small letter or digit. Each place has two capitals of its own."""

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"

OF_VISITOR = 1 + 2 * 4
"""Characters at the beginning of a mark that are the same for all names of a visitor in a group."""

BEGINNING = re.compile(f"[{HUES}](?:[{PAIRS[0][0]}-{PAIRS[-1][1]}][{LETTERS}]){{4}}")
"""The beginning of a mark, of OF_VISITOR characters."""

_KEPT = 4096


class Marks:
    """Makes marks with a secret key, so that a visitor cannot choose one, and two groups' marks have nothing in common.

    A style sheet can compare the marks of neighbours, though CSS only compares with constants: the capital of a pair
    names its place, so `[data-by*=Ab] + [data-by*=Ab]` is about that place alone, and a rule for each pair of all
    places tells whether two marks are equal.

    Args:
        secret_key: The key of the deployment. If it changes, the visitors get other marks.
    """

    def __init__(self, secret_key: str) -> None:
        # If the key itself were used, a mark would be a signature that something else might accept.
        self._key = hmac.digest(secret_key.encode(), b"mark", "sha256")
        self.of = lru_cache(_KEPT)(self._of)

    def of_visitor(self, visitor: Visitor, group: str) -> str:
        """Return the beginning of the marks that a visitor has in `group` under any name."""
        return self.of(visitor.identity, group, "")[:OF_VISITOR]

    def of_named(self, group: str, visitor: Visitor) -> str:
        """Return the mark of a visitor in `group` under the name that it goes by."""
        return self.of(visitor.identity, group, visitor.handle or visitor.guest)

    def _of(self, identity: str, group: str, name: str) -> str:
        """Return the mark of the visitor with `identity` who goes by `name` in `group`."""
        visitor = self._number(group, identity)
        named = self._number(group, identity, name)
        places = len(PAIRS)
        split = (OF_VISITOR - 1) // 2
        pairs = [_pair(place, (visitor if place < split else named) >> 6 * place) for place in range(places)]
        return HUES[visitor >> 60] + "".join(pairs)

    def _number(self, *parts: str) -> int:
        # No part holds a zero character, so no two lists of parts make the same text.
        digest: bytes = hmac.digest(self._key, "\0".join(parts).encode(), "sha256")
        return int.from_bytes(digest[:8])


def _pair(place: int, number: int) -> str:
    return PAIRS[place][number >> 5 & 1] + LETTERS[number & 31]
