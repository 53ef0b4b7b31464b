"""The doorbell between processes: which groups moved, never what happened. With `backends`, all that uses broadcaster.

Pub/sub loses messages and dies in silence, so nothing depends on it: the poll finds what no ring told of. Still it is
watched: what this process publishes it must hear itself, or the connection is thrown away and made anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from broadcaster import Broadcast
from broadcaster._base import Subscriber

from webapp.live.database import LIVE, Namespace
from webapp.live.relay.backends import broadcast_for
from webapp.live.relay.packing import packed

logger = logging.getLogger(__name__)

IN_MEMORY = "memory://"
"""The URL of a relay that reaches no other process."""

NEWS_LIMIT = 7000
"""Bytes of rings and notes in one message, at most; PostgreSQL carries 7,999 in all."""

NOTES = 1000
"""Notes that wait to be sent, at most; the oldest are dropped."""

BEAT = 1.0
"""Seconds between two heartbeats."""

RELAY_TIMEOUT = 2.0
"""Seconds that connecting, publishing, or hearing one's own heartbeat may take."""

RETRY = (0.2, 5.0)
"""Seconds before the first new try, and at most, each being twice the last."""


class Deaf(Exception):
    """What this process published did not come back."""


class Relay:
    """Rings other processes, and hears them.

    Args:
        url: Of the service that carries the rings; IN_MEMORY for a single process.
        heard: Called with the groups that moved, None for "any of them".
        noted: Called with a note of another process.
        open_broadcast: Makes an unconnected Broadcast for the URL.
        namespace: Of the app. One fixed channel for each carries everything, so apps may share a service.
    """

    def __init__(
        self,
        url: str,
        heard: Callable[[Iterable[str] | None], None],
        noted: Callable[[Any], None] = lambda note: None,
        open_broadcast: Callable[[str], Broadcast] = broadcast_for,
        namespace: str = LIVE,
    ) -> None:
        self._url = url
        self._heard = heard
        self._noted = noted
        self._open = open_broadcast
        self._channel = Namespace(namespace).channel
        self._me = secrets.token_hex(4)
        self._moved: set[str] = set()
        self._notes: deque[Mapping[str, Any]] = deque(maxlen=NOTES)
        self._wanted = asyncio.Event()
        self._beaten = asyncio.Event()
        self._sending = asyncio.Lock()  # PostgreSQL's backend has one connection, and asyncpg one operation at a time
        self._delay = RETRY[0]
        self._down = False

    def ring(self, groups: Iterable[str]) -> None:
        """Tell this process at once, and the others soon. Never waits, never fails."""
        groups = set(groups)
        self._heard(groups)
        if self._url != IN_MEMORY:
            self._moved |= groups
            self._wanted.set()

    def note(self, note: Mapping[str, Any]) -> None:
        """Send the others something that may be lost, and that JSON can carry in 7,000 bytes."""
        if self._url != IN_MEMORY:
            self._notes.append(note)
            self._wanted.set()

    async def work(self) -> None:
        """Carry rings and notes until cancelled."""
        while True:
            broadcast = self._open(self._url)
            try:
                async with asyncio.timeout(RELAY_TIMEOUT):
                    await broadcast.connect()
                await self._carry(broadcast)
            except Exception as error:
                self._failed(error)
            finally:
                with suppress(Exception):
                    async with asyncio.timeout(RELAY_TIMEOUT):
                        await broadcast.disconnect()
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, RETRY[1])

    async def _carry(self, broadcast: Broadcast) -> None:
        async with asyncio.timeout(RELAY_TIMEOUT) as patience, broadcast.subscribe(self._channel) as events:
            patience.reschedule(None)
            works = (self._listen(events), self._publish(broadcast), self._watch(broadcast))
            tasks = [asyncio.create_task(work) for work in works]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                # Not a TaskGroup: what a connection raises while this is cancelled would take the cancellation's
                # place, and the process would never stop.
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, events: Subscriber) -> None:
        while True:
            self._hear((await events.get()).message)

    async def _publish(self, broadcast: Broadcast) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            news = [*sorted(self._moved), *self._notes]
            self._moved.clear()
            self._notes.clear()
            # What one action leads to travels together: a message costs each process more than all that is in it.
            for some in packed(news, NEWS_LIMIT):
                groups = [one for one in some if isinstance(one, str)]
                await self._send(broadcast, groups=groups, notes=some[len(groups) :])

    async def _watch(self, broadcast: Broadcast) -> None:
        first = True
        while True:
            self._beaten.clear()
            await self._send(broadcast, beat=True)
            try:
                async with asyncio.timeout(RELAY_TIMEOUT):
                    await self._beaten.wait()
            except TimeoutError as error:
                raise Deaf from error
            if first:
                self._recovered()
            first = False
            await asyncio.sleep(BEAT)

    async def _send(self, broadcast: Broadcast, **content: Any) -> None:
        async with self._sending, asyncio.timeout(RELAY_TIMEOUT):
            await broadcast.publish(self._channel, json.dumps({"from": self._me, **content}))

    def _hear(self, message: str) -> None:
        try:
            content = json.loads(message)
            sender = str(content["from"])
            groups = [str(group) for group in content.get("groups", ())]
            notes = list(content.get("notes", ()))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            logger.warning("the relay carried something that is not ours: %.100r", message)
            return
        if sender == self._me:
            self._beaten.set()
            return
        self._heard(groups)
        for note in notes:
            self._noted(note)

    def _failed(self, error: Exception) -> None:
        if not self._down:
            logger.warning("the relay is down (%r); the poll carries on alone", error)
        self._down = True

    def _recovered(self) -> None:
        if self._down:
            logger.warning("the relay is back")
        self._down = False
        self._delay = RETRY[0]
        # Rings were lost while nobody listened.
        self._heard(None)
