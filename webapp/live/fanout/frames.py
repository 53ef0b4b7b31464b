"""A frame: the content of one socket send, which brings a client from one cursor to a later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

Texts = Callable[[bool], Sequence[str]]
"""Returns a frame's JSON texts, with a sequence number or without; called when the first JSON client gets the frame."""


class CursorHtml(Protocol):
    """Renders the fragment that gives a page its cursor."""

    def __call__(self, cursor: str) -> str:
        """Return the fragment for a page at `cursor`."""


class Frame:
    """A rendered frame, shared by all its recipients.

    Args:
        html: The frame for pages.
        cursor_html: Renders the cursor of a page.
        after: The sequence number before the first change in the frame.
        seq: The sequence number of the last change in the frame.
        texts_of: Returns the same as JSON texts.
    """

    __slots__ = ("_cursor_html", "_encoded", "_messages", "_texts_of", "after", "cursor", "html", "seq")

    def __init__(
        self, html: str, cursor_html: CursorHtml, after: int, seq: int, texts_of: Texts = lambda _: ()
    ) -> None:
        self.html = html
        self.after = after
        self.seq = seq
        self.cursor = str(seq)  # of a page that shows this group only
        self._cursor_html = cursor_html
        self._texts_of = texts_of
        self._messages: dict[bool, Sequence[str]] = {}
        self._encoded: dict[str | bool | None, bytes] = {}

    @classmethod
    def ephemeral(cls, html: str) -> Frame:
        """Return a frame that may be lost, for pages only; it leaves their cursors as they are."""
        return cls(html, lambda cursor: "", 0, 0)

    def messages(self, with_seq: bool) -> Sequence[str]:
        """Return the frame as JSON texts, in the order of the log."""
        if with_seq not in self._messages:
            self._messages[with_seq] = self._texts_of(with_seq)
        return self._messages[with_seq]

    def texts(self, cursor: str | None, as_json: bool) -> Sequence[str]:
        """Return the texts to send, in this order.

        Args:
            cursor: The client's cursor after this frame; None: the client has not resumed. If it got a cursor, that
                would pass over earlier changes that it may lack.
            as_json: The client takes JSON instead of HTML.
        """
        if as_json:
            return self.messages(cursor is not None)
        html = self.html if cursor is None else self.html + self._cursor_html(cursor)
        return (html,) if html else ()

    def encoded(self, cursor: str | None, as_json: bool) -> bytes:
        """Return the texts as bytes of WebSocket frames, encoded once for all clients with the same cursor."""
        key = cursor is not None if as_json else cursor
        encoded = self._encoded.get(key)
        if encoded is None:
            encoded = b"".join(map(encoded_text, self.texts(cursor, as_json)))
            # A page of several groups has a cursor of its own. If its bytes were kept, no other client would use them,
            # so they are not.
            if as_json or cursor in (None, self.cursor):
                self._encoded[key] = encoded
        return encoded


def encoded_text(text: str) -> bytes:
    """Return `text` as the bytes of one WebSocket frame."""
    return WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
