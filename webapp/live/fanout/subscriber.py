"""One socket's outbound side: frames go out at once, or are caught up with later; nothing queues."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.types import Send

from webapp.live.fanout.frames import Frame, encoded_text

logger = logging.getLogger(__name__)

WRITE_EXTENSION = "webapp.write"
"""The ASGI extension that writes an encoded frame at once: bytes → whether it was written."""

STALL_LIMIT = 20.0
"""Seconds that a client may stall before the server disconnects it."""

TRY_AGAIN_LATER = 1013
"""The close code for a reader that does not read: its page reconnects, and catches up by its cursor."""

FAILED = 1011
"""The close code for a reader whose rows cannot be written as JSON."""


class Source(Protocol):
    """The part of a feed that its subscribers use."""

    name: str
    head: int | None
    opened: asyncio.Event

    def catch_up(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        """Bring `subscriber` from `cursor` to where the others are."""

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""


async def _no_check(group: str) -> None:
    """Everybody may read."""


class Subscriber:
    """A socket's outbound side.

    A reader that cannot take a frame at once holds that one frame only; what it misses meanwhile it gets as one
    catch-up when it has read. A reader that stalls for longer is closed with TRY_AGAIN_LATER.

    Args:
        key: tells visitors apart.
        send: the socket's ASGI send.
        write: writes an encoded frame at once, and gives whether it was written; None where the server has no such.
        stall_limit: seconds that it may stall.
        as_json: it takes data instead of HTML.
        recheck_access: called with a group when a change of rights asks again whether it may read.
    """

    __slots__ = (
        *("_closing", "_cursors", "_missed", "_paused", "_recheck", "_send", "_sending", "_stall_limit", "_write"),
        *("as_json", "closed", "feeds", "key"),
    )

    def __init__(
        self,
        *,
        key: str,
        send: Send,
        write: Callable[[bytes], bool] | None = None,
        stall_limit: float = STALL_LIMIT,
        as_json: bool = False,
        recheck_access: Callable[[str], Awaitable[None]] = _no_check,
    ) -> None:
        self.key = key
        self.as_json = as_json
        self._recheck = recheck_access
        self._cursors: dict[Source, str] | None = None
        self._send = send
        self._write = write
        self._stall_limit = stall_limit
        self._sending: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None
        self._paused = False
        self._missed: dict[Source, int] | None = None
        self.feeds: tuple[Source, ...] = ()
        self.closed = False

    def follow(self, feed: Source) -> None:
        """Note that `feed` sends it frames."""
        self.feeds += (feed,)

    def identify(self, key: str) -> None:
        """Take it for the visitor of `key` from now on."""
        self.key = key

    async def recheck_access(self, group: str) -> None:
        """Ask again whether it may read `group`."""
        await self._recheck(group)

    def push(self, frame: Frame, feed: Source, resumed: bool) -> None:
        """Send `frame` without waiting; while an earlier one is still on its way, note that it was missed.

        A page that has not resumed in this group yet gets no cursor with it.
        """
        if self.closed:
            return
        if self._paused or self._sending is not None:
            self._missed = self._missed or {}
            self._missed[feed] = min(frame.after, self._missed.get(feed, frame.after))
            return
        if not resumed:
            self._deliver(frame, None)
        else:
            self._deliver(frame, frame.cursor if len(self.feeds) == 1 else self._cursor(frame, feed))

    def send_ephemeral(self, frame: Frame, feed: Source) -> None:
        """Send an ephemeral frame if the socket can take it now. Catch-up sends the current state otherwise."""
        if self.closed or self._paused:
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

    def pause(self) -> None:
        """Send nothing until `resume_sending`, since the visitor's right to read is not known yet."""
        self._paused = True

    def resume_sending(self) -> None:
        """Catch up with what was missed meanwhile, and go on."""
        self._paused = False
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

    def _cursor(self, frame: Frame, feed: Source) -> str:
        # In the order of the groups; 0 is no cursor, so a group at 0 gets a reset.
        self._cursors = self._cursors or dict.fromkeys(self.feeds, "0")
        self._cursors[feed] = frame.cursor
        return ".".join(self._cursors.values())

    async def _send_slowly(self, texts: Sequence[str]) -> None:
        stalled = asyncio.get_running_loop().call_later(self._stall_limit, self._stalled)
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
            feed.catch_up(self, seq, resumes=False)

    def _stalled(self) -> None:
        logger.warning("a reader of %s reads nothing: closing it", ", ".join(feed.name for feed in self.feeds))
        self._close(TRY_AGAIN_LATER, "not reading")

    def _close(self, code: int, reason: str) -> None:
        self._closing = (code, reason)
        self.leave()
