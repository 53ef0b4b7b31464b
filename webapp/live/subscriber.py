"""One socket as the hub sees it: frames go out at once, or are caught up with later; nothing queues."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from starlette.types import Send

from webapp.live.frames import encoded_text

if TYPE_CHECKING:
    from webapp.live.feed import Feed
    from webapp.live.frames import Frame

logger = logging.getLogger(__name__)

WRITE_EXTENSION = "webapp.write"
"""The ASGI extension that writes an encoded frame at once: bytes → whether it was written."""

TRY_AGAIN_LATER = 1013
"""The close code for a reader that does not read: its page reconnects, and catches up by its cursor."""

FAILED = 1011
"""The close code for a reader to whom its rows cannot be told."""


class Subscriber:
    """A socket's outbound side. `key` tells visitors apart. `as_json`: it takes data instead of pages.

    A reader that cannot take a frame at once holds that one frame only; what it misses meanwhile it gets as one
    catch-up when it has read. After `patience` seconds without reading it is closed with TRY_AGAIN_LATER.
    """

    __slots__ = (
        *("_closing", "_held", "_missed", "_patience", "_places", "_send", "_sending", "_write"),
        *("as_json", "closed", "feeds", "key", "review"),
    )

    def __init__(
        self, key: str, send: Send, write: Callable[[bytes], bool] | None, patience: float, as_json: bool = False
    ) -> None:
        self.key = key
        self.as_json = as_json
        self.review: Callable[[str], Awaitable[None]] = _unquestioned
        self._places: dict[Feed, str] | None = None
        self._send = send
        self._write = write
        self._patience = patience
        self._sending: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None
        self._held = False
        self._missed: dict[Feed, int] | None = None
        self.feeds: tuple[Feed, ...] = ()
        self.closed = False

    def push(self, frame: Frame, feed: Feed, resumed: bool) -> None:
        """Send `frame` without waiting; while an earlier one is still on its way, note that it was missed.

        A page that has not resumed in this group yet gets no cursor with it.
        """
        if self.closed:
            return
        if self._held or self._sending is not None:
            self._missed = self._missed or {}
            self._missed[feed] = min(frame.after, self._missed.get(feed, frame.after))
            return
        if not resumed:
            self._deliver(frame, None)
        else:
            self._deliver(frame, frame.place if len(self.feeds) == 1 else self._cursor(frame, feed))

    def whisper(self, frame: Frame, feed: Feed) -> None:
        """Send `frame`, which is no fact, if that can be done now; else catching up brings what is so by then."""
        if self.closed or self._held:
            return
        if self._sending is not None:
            self._missed = self._missed or {}
            self._missed.setdefault(feed, feed.head or 0)
            return
        self._deliver(frame, None)

    async def reply(self, text: str) -> None:
        """Send `text` to this socket alone, and wait until that is done. Raises what the server raises."""
        if self._write is None or not self._write(encoded_text(text)):
            await self._send({"type": "websocket.send", "text": text})

    def hold(self) -> None:
        """Send nothing until `release`: whether it may be read is not known yet."""
        self._held = True

    def release(self) -> None:
        """Catch up with what was missed meanwhile, and go on."""
        self._held = False
        if self._sending is None:
            self._catch_up()

    def leave(self) -> None:
        """Take no more frames."""
        self.closed = True
        self._missed = None
        for feed in self.feeds:
            feed.drop(self)

    def _deliver(self, frame: Frame, cursor: str | None) -> None:
        try:
            encoded = frame.encoded(cursor, self.as_json) if self._write else b""
            if self._write is None or (encoded and not self._write(encoded)):
                self._sending = asyncio.create_task(self._send_slowly(frame.texts(cursor, self.as_json)))
        except Exception:
            # Of a row that cannot be written as JSON, those who read pages must not notice anything.
            logger.exception("a frame cannot be given as data")
            self._close(FAILED, "failed")
            self._sending = asyncio.create_task(self._send_slowly(()))

    def _cursor(self, frame: Frame, feed: Feed) -> str:
        # In the order of the groups; 0 is nowhere, and brings a group's list afresh.
        self._places = self._places or dict.fromkeys(self.feeds, "0")
        self._places[feed] = frame.place
        return ".".join(self._places.values())

    async def _send_slowly(self, texts: Sequence[str]) -> None:
        stalled = asyncio.get_running_loop().call_later(self._patience, self._stalled)
        try:
            for text in texts:
                # It may have been sent away meanwhile.
                if not self.closed:
                    await self._send({"type": "websocket.send", "text": text})
            if self._closing:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:
            logger.debug("a socket is gone: %r", error)
            self.leave()
        finally:
            stalled.cancel()
            self._sending = None
        self._catch_up()

    def _catch_up(self) -> None:
        missed, self._missed = self._missed, None
        for feed, seq in (missed or {}).items():
            feed.join(self, seq, resumes=False)

    def _stalled(self) -> None:
        logger.warning("a reader of %s reads nothing: closing it", ", ".join(feed.name for feed in self.feeds))
        self._close(TRY_AGAIN_LATER, "not reading")

    def _close(self, code: int, reason: str) -> None:
        self._closing = (code, reason)
        self.leave()


async def _unquestioned(group: str) -> None:
    """Everybody may read."""
