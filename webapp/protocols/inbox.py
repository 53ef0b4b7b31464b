"""The queue and the gate between a WebSocket protocol and the app, which take no memory while the socket is idle."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

KEPT_AT_THE_END = 16
"""Messages right before the end of a socket that the app still gets, at most.

A visitor who presses Enter and then closes the page has sent the message. If the app got every message of a flood, it
would work on them long after the sender has gone.
"""


class Inbox:
    """An asyncio.Queue for one reader. The protocol bounds it: it stops reading while the inbox has an event."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: deque[Any] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Return whether the inbox has no event."""
        return not self._items

    def put_nowait(self, item: Any) -> None:
        """Add an ASGI event. A disconnect is the last one; of those before it, the inbox keeps KEPT_AT_THE_END."""
        if self._items is None:
            # If an idle socket had a deque, it would take 600 bytes more, so the first event makes it.
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
        """Return whether the gate is open."""
        return self._event is None

    def set(self) -> None:
        """Open the gate for all that wait."""
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        """Close the gate."""
        if self._event is None:
            self._event = asyncio.Event()

    async def wait(self) -> None:
        """Wait until the gate is open."""
        if self._event is not None:
            await self._event.wait()
