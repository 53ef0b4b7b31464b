"""The poll finds changes of which no ring told: the writes of other programs, and rings that were lost."""

from __future__ import annotations

import asyncio
import logging
import time

from webapp.live.fanout.hub import Hub

logger = logging.getLogger(__name__)

INTERVAL = 0.5
"""Seconds between two looks at the heads. A page shows another program's write about this much later, at most."""


async def poll(hub: Hub, interval: float = INTERVAL) -> None:
    """Ring every group of `hub` that has moved, until cancelled.

    Args:
        hub: The groups that have subscribers here.
        interval: Seconds between two looks.
    """
    last: object = None
    failing = False
    while True:
        await asyncio.sleep(interval)
        try:
            last = await _look(hub, last)
            hub.looked_at = time.monotonic()
            failing = False
        except Exception as error:
            if not failing:
                logger.warning("the database could not be polled: %r", error)
            failing = True


async def _look(hub: Hub, last: object) -> object:
    reached = hub.groups
    if not reached:
        return None
    token = await hub.log.change_token()
    if token is None or token != last:
        heads = await hub.log.heads(reached)
        hub.ring(name for name, head in heads.items() if head != reached[name])
        hub.go_back(name for name, head in heads.items() if head < (reached[name] or 0))
    return token
