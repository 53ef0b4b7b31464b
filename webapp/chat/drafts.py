"""What visitors have typed and not said yet, for a page that is loaded again: not every browser keeps it."""

from __future__ import annotations

from collections import OrderedDict

DRAFTS = 2000
"""Drafts that a process keeps, at most; the oldest goes first."""

LIMIT = 8000
"""Characters of a draft that is kept, at most."""

Key = tuple[str, str]
"""A visitor's id, and a room's group."""


class Drafts:
    """In this process's memory alone: lost at its end, and unknown to the others."""

    def __init__(self) -> None:
        self._texts: OrderedDict[Key, str] = OrderedDict()
        self._said: OrderedDict[Key, str] = OrderedDict()

    def keep(self, key: Key, text: str) -> None:
        """Keep `text`, as it is now in the box; an empty one is forgotten."""
        # A request that was overtaken by the message would bring back what has been said.
        if not text.strip() or len(text) > LIMIT or self._said.get(key, "").startswith(text.strip()):
            self._texts.pop(key, None)
        else:
            _put(self._texts, key, text)

    def said(self, key: Key, text: str) -> None:
        """Forget the draft, which became the message `text`."""
        self._texts.pop(key, None)
        _put(self._said, key, text[:LIMIT].strip())

    def of(self, key: Key) -> str:
        """The draft, or an empty text."""
        return self._texts.get(key, "")


def _put(texts: OrderedDict[Key, str], key: Key, text: str) -> None:
    texts[key] = text
    texts.move_to_end(key)
    if len(texts) > DRAFTS:
        texts.popitem(last=False)
