"""The doorbell between processes: which groups moved, never what happened. The only importer of broadcaster."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Iterable

from broadcaster import Broadcast

logger = logging.getLogger(__name__)

CHANNEL = "live"
"""One fixed channel carries every group's rings."""

GROUPS_PER_RING = 50
"""Groups named in one message, at most; PostgreSQL carries 7,999 bytes."""

RETRY = 1.0
"""Seconds until a relay that failed is built again. The poll carries everything meanwhile."""


class Relay:
    """Rings other processes, and hears them. A lost ring costs latency only: the poll finds what moved."""

    def __init__(self, url: str, heard: Callable[[Iterable[str]], None]) -> None:
        self._url = url
        self._heard = heard
        self._me = secrets.token_hex(4)
        self._moved: set[str] = set()
        self._wanted = asyncio.Event()
        self._down = False

    def ring(self, groups: Iterable[str]) -> None:
        """Tell this process at once, and the others soon. Never waits, never fails."""
        groups = set(groups)
        self._heard(groups)
        self._moved |= groups
        self._wanted.set()

    async def work(self) -> None:
        """Carry rings until cancelled."""
        while True:
            try:
                async with Broadcast(self._url) as broadcast, asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(broadcast))
                    tasks.create_task(self._publish(broadcast))
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(RETRY)

    async def _listen(self, broadcast: Broadcast) -> None:
        async with broadcast.subscribe(CHANNEL) as events:
            self._recovered()
            while True:
                self._hear((await events.get()).message)

    async def _publish(self, broadcast: Broadcast) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            moved, self._moved = sorted(self._moved), set()
            for start in range(0, len(moved), GROUPS_PER_RING):
                ring = {"from": self._me, "groups": moved[start : start + GROUPS_PER_RING]}
                await broadcast.publish(CHANNEL, json.dumps(ring))

    def _hear(self, message: str) -> None:
        try:
            ring = json.loads(message)
            groups = [str(group) for group in ring["groups"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            logger.warning("the relay carried something that is no ring: %.100r", message)
            return
        if ring.get("from") != self._me:
            self._heard(groups)

    def _failed(self, error: Exception) -> None:
        if not self._down:
            logger.warning("the relay is down (%r); the poll carries on alone", error)
        self._down = True

    def _recovered(self) -> None:
        if self._down:
            logger.warning("the relay is back")
        self._down = False
