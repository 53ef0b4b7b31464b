"""When rooms were last visited, so that those that nobody uses any more can go."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from tortoise.expressions import Q

from webapp.chat.models import Room
from webapp.live.writing import BUSY, Writer

logger = logging.getLogger(__name__)

FRESH = timedelta(days=1)
"""How old a noted visit may be before another one is noted: a visit that writes nothing is quicker."""


class Visits:
    """Notes visits beside the requests: a page must not wait for a database that cannot be written."""

    def __init__(self) -> None:
        self._noting: dict[int, asyncio.Task[None]] = {}

    def note(self, room: Room, writer: Writer) -> None:
        """Note that somebody has come to `room` now."""
        now = datetime.now(UTC)
        if room.id in self._noting or (room.visited_at is not None and now - room.visited_at < FRESH):
            return
        task = asyncio.create_task(_note(room.id, now, writer))
        self._noting[room.id] = task
        task.add_done_callback(lambda _: self._noting.pop(room.id))


async def _note(room_id: int, now: datetime, writer: Writer) -> None:
    earlier = Room.filter(Q(visited_at=None) | Q(visited_at__lt=now - FRESH / 2), id=room_id)
    try:
        await writer.run(partial(earlier.update, visited_at=now))
    except BUSY as error:
        logger.info("a visit of room %s was not noted: %r", room_id, error)
