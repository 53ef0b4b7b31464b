"""A frame: the content of one socket send, which brings a client from one cursor to a later one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from webapp.live.fanout.wording import EVERYBODY

Texts = Callable[[bool], Sequence[str]]
"""Returns a frame's JSON texts, with a sequence number or without; called when the first JSON client gets the frame."""


class CursorHtml(Protocol):
    """Renders the fragment that gives a page its cursor."""

    def __call__(self, cursor: str) -> str:
        """Return the fragment for a page at `cursor`."""


class Frame:
    """A rendered frame, shared by all its recipients.

    Args:
        html: The frame for pages, by language; for EVERYBODY alone if it has no words.
        cursor_html: Renders the cursor of a page.
        after: The sequence number before the first change in the frame.
        seq: The sequence number of the last change in the frame.
        texts_of: Returns the same as JSON texts.
    """

    __slots__ = ("_cursor_html", "_encoded", "_messages", "_texts_of", "after", "cursor", "html", "is_shared", "seq")

    def __init__(
        self, html: Mapping[str, str], cursor_html: CursorHtml, after: int, seq: int, texts_of: Texts = lambda _: ()
    ) -> None:
        self.html = html
        self.is_shared = EVERYBODY in html
        self.after = after
        self.seq = seq
        self.cursor = str(seq)  # of a page that shows this group only
        self._cursor_html = cursor_html
        self._texts_of = texts_of
        self._messages: dict[bool, Sequence[str]] = {}
        self._encoded: dict[object, bytes] = {}

    @classmethod
    def ephemeral(cls, html: Mapping[str, str]) -> Frame:
        """Return a frame that may be lost, for pages only; it leaves their cursors as they are."""
        return cls(html, lambda cursor: "", 0, 0)

    def messages(self, with_seq: bool) -> Sequence[str]:
        """Return the frame as JSON texts, in the order of the log."""
        if with_seq not in self._messages:
            self._messages[with_seq] = self._texts_of(with_seq)
        return self._messages[with_seq]

    def speaks_all(self, languages: Iterable[str]) -> bool:
        """Return whether pages in all of `languages` can be sent the frame."""
        return self.is_shared or all(language in self.html for language in languages)

    def html_in(self, language: str) -> str:
        """Return the frame for a page in a language that it has.

        Raises:
            KeyError: It has not.
        """
        return self.html[EVERYBODY if self.is_shared else language]

    def texts(self, cursor: str | None, as_json: bool, language: str = EVERYBODY) -> Sequence[str]:
        """Return the texts to send, in this order.

        Args:
            cursor: The client's cursor after this frame; None: the client has not resumed. If it got a cursor, that
                would pass over earlier changes that it may lack.
            as_json: The client takes JSON instead of HTML.
            language: The language of the client's page.
        """
        if as_json:
            return self.messages(cursor is not None)
        html = self.html_in(language)
        if cursor is not None:
            html += self._cursor_html(cursor)
        return (html,) if html else ()

    def encoded(self, cursor: str | None, as_json: bool, language: str = EVERYBODY) -> bytes:
        """Return the texts as bytes of WebSocket frames, encoded once for all clients with the same cursor."""
        # If the key of a frame without words were a pair too, each of a thousand readers would cost the making of one.
        key: object = cursor if self.is_shared else (cursor, language)
        if as_json:
            key = cursor is not None
        encoded = self._encoded.get(key)
        if encoded is None:
            encoded = b"".join(map(encoded_text, self.texts(cursor, as_json, language)))
            # A page of several groups has a cursor of its own. If its bytes were kept, no other client would use them,
            # so they are not.
            if as_json or cursor in (None, self.cursor):
                self._encoded[key] = encoded
        return encoded


def encoded_text(text: str) -> bytes:
    """Return `text` as the bytes of one WebSocket frame."""
    return WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
