"""What stands between a WebSocket's protocol and the app, at no cost while nothing is under way."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

KEPT_AT_THE_END = 16
"""Messages that came right before the end of their socket and are still given to the app.

A visitor who presses Enter and closes the page has said it. What one read of the socket can hold of honest messages
fits; a flood does not, and the app would work on it long after its sender has gone.
"""


class Inbox:
    """An asyncio.Queue for one reader. The protocol bounds it: it reads no more while there is something in it."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: deque[Any] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether there is nothing to get."""
        return not self._items

    def put_nowait(self, item: Any) -> None:
        """Add an ASGI event. A disconnect is the last: all but the first few events before it are dropped."""
        if self._items is None:
            # An idle socket has none, because a deque takes 600 bytes.
            self._items = deque()
        if item["type"] == "websocket.disconnect":
            while len(self._items) > KEPT_AT_THE_END:
                self._items.pop()
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        """Take the oldest event, or wait for one."""
        while not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        item = self._items.popleft()
        if not self._items:
            self._items = None
        return item


class Gate:
    """An asyncio.Event that costs nothing while it is set."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        """Whether nobody has to wait."""
        return self._event is None

    def set(self) -> None:
        """Let all pass who wait."""
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        """Make everybody wait."""
        if self._event is None:
            self._event = asyncio.Event()

    async def wait(self) -> None:
        """Wait until it is set."""
        if self._event is not None:
            await self._event.wait()
