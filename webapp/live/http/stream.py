"""A page that never ends: what its group is sent is written into it, so it needs no script."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from webapp.live.binding import Binding
from webapp.live.fanout import EVERYBODY, Subscriber
from webapp.live.presence import key_of
from webapp.live.protocol import LOST, Engine
from webapp.live.visitor import Visitor

logger = logging.getLogger(__name__)

BEAT = 15.0
"""Seconds of silence after which a comment is written, since proxies cut connections that are idle."""

COMMENT = b"<!-- -->\n"

FRAMES = 500
"""Frames that are written into one page. The page only grows, so it ends then, and is loaded again."""

HEADERS = {
    "Cache-Control": "no-store",
    # A compressor for each reader would take 256 KB for as long as the reader stays.
    "Content-Encoding": "identity",
    # Otherwise nginx would keep what is written until it is worth sending.
    "X-Accel-Buffering": "no",
}


class LiveStream(Response):
    """A response that follows a group until the page has to be loaded again.

    Args:
        engine: The parts that send the frames of groups.
        binding: The binding whose rows the page shows; it says who may read them.
        group: The group.
        visitor: The reader.
        page: The HTML of the page as far as it goes.
        cursor: The sequence number of the group, read before the rows of the page.
        take: Returns what to write of a frame's HTML; None: the page cannot show the frame, so it ends.
        stopping: Set when the process was told to stop.
        language: The language of the page.
        headers: Further headers.
    """

    media_type = "text/html"

    def __init__(
        self,
        engine: Engine,
        binding: Binding[Any],
        group: str,
        visitor: Visitor,
        *,
        page: str,
        cursor: int,
        take: Callable[[str], str | None],
        stopping: asyncio.Event,
        language: str = EVERYBODY,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headers={**HEADERS, **(headers or {})})
        del self.headers["Content-Length"]
        self._engine = engine
        self._binding = binding
        self._group = group
        self._visitor = visitor
        self._page = page
        self._cursor = cursor
        self._take = take
        self._stopping = stopping
        self._language = language
        self._is_over = asyncio.Event()
        self._left = FRAMES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the page, and then what its group is sent."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            # Without this, the request would wait for news of which it is sent nothing.
            await send({"type": "http.response.body", "body": b""})
            return
        await send(_piece(self._page.encode()))

        async def write(event: Message) -> None:
            await self._write(event, send)

        subscriber = Subscriber(
            key=key_of(self._visitor),
            send=write,
            stall_limit=self._engine.stall_limit,
            language=self._language,
            recheck_access=self._recheck_access,
        )
        subscriber.pause()
        feed = self._engine.hub.subscribe(self._group, subscriber)
        self._engine.presence.enter(self._group, self._visitor)
        try:
            await feed.opened.wait()
            # If access were not checked again, a change of rights since the page was made would be missed.
            await self._recheck_access(self._group)
            subscriber.resume_sending()
            feed.catch_up(subscriber, self._cursor, resumes=False)
            await self._follow(receive, send)
        finally:
            subscriber.leave()
            self._engine.presence.leave(self._group, self._visitor, LOST)
        with suppress(Exception):  # the client may be gone already
            await send({"type": "http.response.body", "body": b""})

    async def _follow(self, receive: Receive, send: Send) -> None:
        """Wait until the page is over, its reader is gone, or the process stops."""
        ends = [asyncio.create_task(each) for each in (_gone(receive), self._is_over.wait(), self._stopping.wait())]
        try:
            while not (await asyncio.wait(ends, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED))[0]:
                await send(_piece(COMMENT))
        finally:
            for task in ends:
                task.cancel()

    async def _write(self, event: Message, send: Send) -> None:
        if event["type"] != "websocket.send":
            # The subscriber has closed: its reader stalled.
            self._is_over.set()
        elif not self._is_over.is_set():
            text = self._take(event["text"])
            if text:
                await send(_piece(text.encode()))
                self._left -= 1
            if text is None or not self._left:
                self._is_over.set()

    async def _recheck_access(self, group: str) -> None:
        # The browser loads the page again, and the server then says that its reader may not read any more.
        if not await self._binding.can_subscribe(self._visitor, self._group):
            self._is_over.set()


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
