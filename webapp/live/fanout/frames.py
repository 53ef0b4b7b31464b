"""A frame: the content of one socket send, which brings a page from one cursor to a later one."""

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
        """Render the fragment for a page that is at `cursor`."""


class Frame:
    """A rendered frame, shared by all that it is sent to. It covers its group's changes after `after`, up to `seq`.

    html: for pages. texts_of: gives the same as JSON.
    """

    __slots__ = ("_cursor_html", "_encoded", "_messages", "_texts_of", "after", "cursor", "html", "seq")

    def __init__(
        self, html: str, cursor_html: CursorHtml, after: int, seq: int, texts_of: Texts = lambda _: ()
    ) -> None:
        self.html = html
        self.after = after
        self.seq = seq
        self.cursor = str(seq)  # the cursor of a page that shows this group only
        self._cursor_html = cursor_html
        self._texts_of = texts_of
        self._messages: dict[bool, Sequence[str]] = {}
        self._encoded: dict[str | bool | None, bytes] = {}

    @classmethod
    def ephemeral(cls, html: str) -> Frame:
        """A frame that may be lost: it leaves the cursors of pages as they are, and is for pages only."""
        return cls(html, lambda cursor: "", 0, 0)

    def messages(self, with_seq: bool) -> Sequence[str]:
        """The frame as JSON texts, in the order of the log."""
        if with_seq not in self._messages:
            self._messages[with_seq] = self._texts_of(with_seq)
        return self._messages[with_seq]

    def texts(self, cursor: str | None, as_json: bool) -> Sequence[str]:
        """The texts to send, in this order.

        A client that has not resumed gets no cursor: it may lack earlier changes, and its cursor would pass over them.
        """
        if as_json:
            return self.messages(cursor is not None)
        html = self.html if cursor is None else self.html + self._cursor_html(cursor)
        return (html,) if html else ()

    def encoded(self, cursor: str | None, as_json: bool) -> bytes:
        """The texts as the bytes of WebSocket frames, encoded once for all clients that are at the same cursor."""
        key = cursor is not None if as_json else cursor
        encoded = self._encoded.get(key)
        if encoded is None:
            encoded = b"".join(map(encoded_text, self.texts(cursor, as_json)))
            # A page of several groups has a cursor of its own, so keeping its bytes would serve nobody else.
            if as_json or cursor in (None, self.cursor):
                self._encoded[key] = encoded
        return encoded


def encoded_text(text: str) -> bytes:
    """`text` as the bytes of one WebSocket frame."""
    return WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
