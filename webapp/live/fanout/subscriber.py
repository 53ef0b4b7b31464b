"""The outbound side of one socket: a frame goes out at once, or catch-up replaces it later. No frame is queued."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.types import Send

from webapp.live.fanout.frames import Frame, encoded_text
from webapp.live.fanout.wording import EVERYBODY

logger = logging.getLogger(__name__)

WRITE_EXTENSION = "webapp.write"
"""The ASGI extension that writes an encoded frame at once: it takes bytes, and returns whether it wrote them."""

STALL_LIMIT = 20.0
"""Seconds that a client may stall before the server disconnects it."""

TRY_AGAIN_LATER = 1013
"""The close code for a client that stalled too long: its page reconnects, and catches up by its cursor."""

FAILED = 1011
"""The close code for a client whose rows cannot be written as JSON."""


class Source(Protocol):
    """The part of a feed that its subscribers use.

    Attributes:
        name: The group.
        head: The sequence number that the feed has sent; None: it has not read the log yet.
        opened: Set when the head is known.
    """

    name: str
    head: int | None
    opened: asyncio.Event

    def catch_up(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        """Bring `subscriber` from `cursor` to the head of the group."""

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""


async def _no_check(group: str) -> None:
    """Leave the access as it is: every visitor may read the group."""


class Subscriber:
    """The outbound side of a socket.

    If the client cannot take a frame at once, the server keeps that one frame only. The client gets the frames that it
    missed meanwhile as one catch-up. A client that stalls too long is disconnected with TRY_AGAIN_LATER.

    Args:
        key: Tells visitors apart.
        send: The socket's ASGI send.
        write: Writes an encoded frame at once, and returns whether it did; None: the server has no such extension.
        stall_limit: Seconds that the client may stall.
        as_json: The client takes JSON instead of HTML.
        language: The language of the client's page.
        recheck_access: Called with a group after a change of rights; asks again whether the client may read it.

    Attributes:
        key: Tells visitors apart.
        as_json: Whether the client takes JSON instead of HTML.
        language: The language of the client's page.
        feeds: The feeds that send it frames, in the order of the groups in its cursor.
        closed: Whether it takes no more frames.
    """

    __slots__ = (
        *("_closing", "_cursors", "_missed", "_paused", "_recheck", "_send", "_sending", "_stall_limit", "_write"),
        *("as_json", "closed", "feeds", "key", "language"),
    )

    def __init__(
        self,
        *,
        key: str,
        send: Send,
        write: Callable[[bytes], bool] | None = None,
        stall_limit: float = STALL_LIMIT,
        as_json: bool = False,
        language: str = EVERYBODY,
        recheck_access: Callable[[str], Awaitable[None]] = _no_check,
    ) -> None:
        self.key = key
        self.as_json = as_json
        self.language = language
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

    @property
    def is_open(self) -> bool:
        """Whether the socket can take a frame now, as far as the server can tell."""
        return not self.closed and (self._write is None or self._write(b""))

    def follow(self, feed: Source) -> None:
        """Note that `feed` sends this subscriber frames."""
        self.feeds += (feed,)

    def identify(self, key: str) -> None:
        """Note that the subscriber is the visitor with `key` from now on."""
        self.key = key

    async def recheck_access(self, group: str) -> None:
        """Ask again whether the subscriber may read `group`."""
        await self._recheck(group)

    def push(self, frame: Frame, feed: Source, resumed: bool) -> None:
        """Send `frame` without waiting; if an earlier one is still being sent, note this one as missed.

        Args:
            frame: The frame.
            feed: The feed that sends it.
            resumed: The client has resumed in this group. Until then it gets no cursor.
        """
        if self.closed:
            return
        if self._paused or self._sending is not None:
            self._missed = self._missed or {}
            self._missed[feed] = min(frame.after, self._missed.get(feed, frame.after))
            return
        if not self._understands(frame):
            # The client came while the frame was made for the languages of the others.
            feed.catch_up(self, frame.after, resumes=False)
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
        if self._understands(frame):
            self._deliver(frame, None)

    async def reply(self, text: str) -> None:
        """Send `text` to this socket alone, and wait until it is sent.

        Raises:
            Exception: The server cannot send, since the socket is gone.
        """
        if self._write is None or not self._write(encoded_text(text)):
            await self._send({"type": "websocket.send", "text": text})

    def pause(self) -> None:
        """Send nothing until `resume_sending`. The visitor's right to read is not known yet."""
        self._paused = True

    def resume_sending(self) -> None:
        """Go on sending, and catch the client up with the frames that it missed meanwhile."""
        self._paused = False
        if self._sending is None:
            self._catch_up()

    def leave(self) -> None:
        """Take no more frames."""
        self.closed = True
        self._missed = None
        for feed in self.feeds:
            feed.drop(self)

    def _understands(self, frame: Frame) -> bool:
        return frame.is_shared or self.as_json or self.language in frame.html

    def _deliver(self, frame: Frame, cursor: str | None) -> None:
        try:
            encoded = frame.encoded(cursor, self.as_json, self.language) if self._write else b""
            if self._write is None or (encoded and not self._write(encoded)):
                self._sending = asyncio.create_task(self._send_slowly(frame.texts(cursor, self.as_json, self.language)))
        except Exception:
            # If a row that cannot be written as JSON raised here, the feed would stop for pages too, so only this JSON
            # client is closed.
            logger.exception("a frame cannot be given as data")
            self._close(FAILED, "failed")
            self._sending = asyncio.create_task(self._send_slowly(()))

    def _cursor(self, frame: Frame, feed: Source) -> str:
        # One part per group, in the order of `feeds`. Catch-up answers a part of 0 with a reset.
        self._cursors = self._cursors or dict.fromkeys(self.feeds, "0")
        self._cursors[feed] = frame.cursor
        return ".".join(self._cursors.values())

    async def _send_slowly(self, texts: Sequence[str]) -> None:
        stalled = asyncio.get_running_loop().call_later(self._stall_limit, self._stalled)
        try:
            for text in texts:
                # If the client was closed meanwhile, it must not get the rest.
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
