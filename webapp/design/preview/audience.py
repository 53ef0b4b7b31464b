"""The sockets of all open pages: those that the pages have, and the preview's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

from webapp.live.fanout import Hub

logger = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]
"""Sends a text over one socket."""


OwnSockets = set[Send]
"""The preview's own sockets: those of pages that have none."""


class Audience:
    """Sends a frame to every open page of this process.

    Args:
        hub: Has the sockets of live pages.
        own: The preview's own sockets.
    """

    def __init__(self, hub: Hub, own: OwnSockets) -> None:
        self._hub = hub
        self._own = own
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, frame: str) -> None:
        """Send `frame` to every page. A page that does not read holds up no other one."""
        for send in self._all():
            task = asyncio.create_task(self._sent(send, frame))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _all(self) -> Iterator[Send]:
        yield from list(self._own)
        yield from [each.reply for each in self._hub.subscribers if not each.as_json]

    @staticmethod
    async def _sent(send: Send, frame: str) -> None:
        try:
            await send(frame)
        except Exception as error:
            # When the page is back, it says which version it shows.
            logger.debug("a page's socket is gone: %r", error)
