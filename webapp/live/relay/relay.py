"""The doorbell between processes: a message names the groups that changed, and never what happened.

Only this module and `backends` use the broadcaster library. Pub/sub loses messages, and can fail without an error. So
nothing depends on it: the poll finds the changes that no ring announced. The relay still watches its connection. A
process must receive its own heartbeat, or the relay closes the connection and opens a new one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
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
"""Notes that wait to be sent, at most. The relay drops the oldest."""

BEAT = 1.0
"""Seconds between two heartbeats."""

RELAY_TIMEOUT = 2.0
"""Seconds that connecting, publishing, or receiving the process's own heartbeat may take."""

RETRY = (0.2, 5.0)
"""Seconds before the first new try, and before any. Each try waits twice as long as the last one."""


class Deaf(Exception):
    """The process did not receive the heartbeat that it published."""


class Relay:
    """Rings other processes, and hears them.

    Args:
        url: The URL of the service that carries the rings; IN_MEMORY for a single process.
        heard: Called with the groups that changed; None means that any may have changed.
        noted: Called with a note of another process.
        open_broadcast: Returns an unconnected Broadcast for the URL.
        namespace: The app's namespace. One channel for each namespace carries everything, so apps may share a service.
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
        self._sending = asyncio.Lock()  # asyncpg refuses a second operation on a connection at a time
        self._delay = RETRY[0]
        self._down = False
        self.heard_at = float("-inf")
        """The time when this process last heard itself through the relay, by time.monotonic; minus infinity before."""

    def ring(self, groups: Iterable[str]) -> None:
        """Tell this process at once that `groups` changed, and the others soon. Never waits and never raises."""
        groups = set(groups)
        self._heard(groups)
        if self._url != IN_MEMORY:
            self._moved |= groups
            self._wanted.set()

    def note(self, note: Mapping[str, Any]) -> None:
        """Send the other processes a note that may be lost.

        Args:
            note: Any mapping that JSON can carry in NEWS_LIMIT bytes.
        """
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
                # If this were a TaskGroup, an error of the connection during a cancellation would replace the
                # cancellation, and the process would never stop.
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
            # If each ring and note were a message of its own, the messages would cost each process more than their
            # contents. So those of one action travel together.
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
            self.heard_at = time.monotonic()
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
        # Other processes may have rung while this one did not listen, so any group may have changed.
        self._heard(None)
