"""What one socket send carries: what brings a page from one place in the log to a later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

Texts = Callable[[bool], Sequence[str]]
"""Gives a frame's JSON texts, with a seq or without; called only when somebody wants those."""


class CursorHtml(Protocol):
    """The fragment that gives a page its cursor."""

    def __call__(self, cursor: str) -> str:
        """It, for a page that is at `cursor`."""


class Frame:
    """A rendered frame, shared by all that it is sent to. It covers its group's changes after `after`, up to `seq`.

    html: for pages. texts_of: gives the same as JSON.
    """

    __slots__ = ("_cursor", "_encoded", "_messages", "_texts_of", "after", "html", "place", "seq")

    def __init__(self, html: str, cursor: CursorHtml, after: int, seq: int, texts_of: Texts = lambda _: ()) -> None:
        self.html = html
        self.after = after
        self.seq = seq
        self.place = str(seq)  # the cursor of a page that shows this group only
        self._cursor = cursor
        self._texts_of = texts_of
        self._messages: dict[bool, Sequence[str]] = {}
        self._encoded: dict[str | bool | None, bytes] = {}

    @classmethod
    def passing(cls, html: str) -> Frame:
        """A frame of no facts: it moves no page in the log, and is for pages only."""
        return cls(html, lambda cursor: "", 0, 0)

    def messages(self, is_placed: bool) -> Sequence[str]:
        """The frame as JSON texts, in the order of the log, with a seq if `is_placed`."""
        if is_placed not in self._messages:
            self._messages[is_placed] = self._texts_of(is_placed)
        return self._messages[is_placed]

    def texts(self, cursor: str | None, as_json: bool) -> Sequence[str]:
        """What is sent, in this order. Who has not resumed yet gets no place: it may lack what came before."""
        if as_json:
            return self.messages(cursor is not None)
        html = self.html if cursor is None else self.html + self._cursor(cursor)
        return (html,) if html else ()

    def encoded(self, cursor: str | None, as_json: bool) -> bytes:
        """The same as the bytes of WebSocket frames, encoded once for everybody who is at the same place."""
        key = cursor is not None if as_json else cursor
        encoded = self._encoded.get(key)
        if encoded is None:
            encoded = b"".join(map(encoded_text, self.texts(cursor, as_json)))
            # A page of several groups has a place of its own in each.
            if as_json or cursor in (None, self.place):
                self._encoded[key] = encoded
        return encoded


def encoded_text(text: str) -> bytes:
    """`text` as the bytes of one WebSocket frame."""
    return WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
