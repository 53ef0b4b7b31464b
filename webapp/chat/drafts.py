"""Drafts that a process keeps for pages that load again, since not every browser keeps the text of a form."""

from __future__ import annotations

from collections import OrderedDict

DRAFTS = 2000
"""Drafts that a process keeps, at most; it forgets the oldest first."""

LIMIT = 8000
"""Characters in a draft, at most; a longer one is not kept."""

Key = tuple[str, str]
"""A visitor's id, and a room's group."""


class Drafts:
    """The drafts in this process's memory. They end with it, and other processes do not know them."""

    def __init__(self) -> None:
        self._texts: OrderedDict[Key, str] = OrderedDict()
        self._said: OrderedDict[Key, str] = OrderedDict()

    def keep(self, key: Key, text: str) -> None:
        """Keep the text that is now in the box; forget the draft if it is empty or too long."""
        # If the message has overtaken this request, keeping its text would bring a sent message back into the box.
        if not text.strip() or len(text) > LIMIT or self._said.get(key, "").startswith(text.strip()):
            self._texts.pop(key, None)
        else:
            _put(self._texts, key, text)

    def said(self, key: Key, text: str) -> None:
        """Forget the draft, since the visitor has sent it as the message `text`."""
        self._texts.pop(key, None)
        _put(self._said, key, text[:LIMIT].strip())

    def of(self, key: Key) -> str:
        """Return the draft, or an empty text."""
        return self._texts.get(key, "")


def _put(texts: OrderedDict[Key, str], key: Key, text: str) -> None:
    texts[key] = text
    texts.move_to_end(key)
    if len(texts) > DRAFTS:
        texts.popitem(last=False)
