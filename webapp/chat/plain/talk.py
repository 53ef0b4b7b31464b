"""Turns the frames of a room into what its talk without scripts can show: it can only be written on."""

from __future__ import annotations

import re
from typing import Final

_ELSEWHERE: Final = re.compile(r"""hx-target=["']#(?:message-|reactions-|preview-|log\b|history\b)""")
"""Targets of fragments about messages that the talk has already: edits, deletions, reactions, previews, resets."""

_ROW: Final = re.compile(r'<li id="message-([0-9]+)".*?(?=<li id="message-[0-9]|</hx-upsert>)', re.DOTALL)
_PEOPLE: Final = re.compile(r'<hx-partial hx-target="#(?:typing|people-count)">.*?</hx-partial>', re.DOTALL)


class Talk:
    """The messages that one reader has of a room.

    Args:
        newest: The id of the newest message that the reader has; 0: there is none.
    """

    def __init__(self, newest: int) -> None:
        self._newest = newest

    def take(self, html: str) -> str | None:
        """Return what to write of a frame; None: the reader has to load the talk again."""
        if _ELSEWHERE.search(html):
            return None
        rows = [row[0] for row in _ROW.finditer(html) if self._is_new(int(row[1]))]
        # A style sheet shows the last of these alone.
        return "".join([*rows, *_PEOPLE.findall(html)])

    def _is_new(self, pk: int) -> bool:
        # If a message is committed while the first rows are read, the feed sends it a second time.
        if pk <= self._newest:
            return False
        self._newest = pk
        return True
