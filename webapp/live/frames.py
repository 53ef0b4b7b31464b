"""What one socket send carries: what brings a page from one place in the log to a later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

Texts = Callable[[], Sequence[str]]


class CursorHtml(Protocol):
    """The fragment that gives a page its cursor."""

    def __call__(self, cursor: str) -> str:
        """It, for a page that is at `cursor`."""


class Frame:
    """A rendered frame, shared by all that it is sent to. It covers its group's changes after `after`, up to `seq`.

    html: for pages. messages: gives the same as JSON texts, and is called only when somebody wants those.
    """

    __slots__ = ("_cursor", "_encoded", "_messages", "after", "html", "place", "seq")

    def __init__(self, html: str, cursor: CursorHtml, after: int, seq: int, messages: Texts = tuple) -> None:
        self.html = html
        self.after = after
        self.seq = seq
        self.place = str(seq)  # the cursor of a page that shows this group only
        self._cursor = cursor
        self._messages: Sequence[str] | Texts = messages
        self._encoded: dict[str | None, bytes] = {}

    @classmethod
    def passing(cls, html: str) -> Frame:
        """A frame of no facts: it moves no page in the log, and is for pages only."""
        return cls(html, lambda cursor: "", 0, 0)

    @property
    def messages(self) -> Sequence[str]:
        """The frame as JSON texts, in the order of the log."""
        if callable(self._messages):
            self._messages = self._messages()
        return self._messages

    def texts(self, cursor: str | None, as_json: bool) -> Sequence[str]:
        """What is sent, in this order. A page that has not resumed yet gets no cursor: it may miss what came before."""
        if as_json:
            return self.messages
        html = self.html if cursor is None else self.html + self._cursor(cursor)
        return (html,) if html else ()

    def encoded(self, cursor: str | None, as_json: bool) -> bytes:
        """The same as the bytes of WebSocket frames, encoded once for everybody who is at the same place."""
        key = "json" if as_json else cursor
        encoded = self._encoded.get(key)
        if encoded is None:
            encoded = b"".join(
                WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False) for text in self.texts(cursor, as_json)
            )
            # A page of several groups has a place of its own in each.
            if as_json or cursor in (None, self.place):
                self._encoded[key] = encoded
        return encoded
