"""How long the messages of a room are kept, where its owner has chosen that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tortoise.expressions import Q

from webapp.chat.access import KeptRules, RoomPolicy
from webapp.chat.models import Message, Room
from webapp.live.database import DATABASE_AWAY
from webapp.live.protocol import Engine
from webapp.live.writing import BUSY
from webapp.tasks import Task, TaskContext

logger = logging.getLogger(__name__)

NOTED = 20.0
"""Seconds between two notes that visitors are in a room."""

LEFT_AFTER = timedelta(seconds=3 * NOTED)
"""Time without such a note after which a room counts as left: one note may come late, or be lost."""

BATCH = 200
"""Messages that one transaction deletes, at most."""

_AGES = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


def note_visitors(kept: KeptRules) -> Callable[[Engine], Coroutine[Any, Any, None]]:
    """Return the work of each process: note that visitors are in rooms that are kept until nobody is.

    The notes stand in the database, since a process knows of visitors in others only where a relay connects them.
    """

    async def work(engine: Engine) -> None:
        while True:
            try:
                await _note(engine, kept)
            except (*BUSY, *DATABASE_AWAY) as error:
                logger.info("visitors of rooms were not noted: %r", error)
            await asyncio.sleep(NOTED)

    return work


async def _note(engine: Engine, kept: KeptRules) -> None:
    followed = [int(group.removeprefix("room:")) for group in engine.hub.groups if group.startswith("room:")]
    ids = [room_id for room_id in followed if (await kept.of(room_id)).policy.keeps == "left"]
    if ids:
        await engine.writer.run(partial(RoomPolicy.filter(room_id__in=ids).update, seen_at=datetime.now(UTC)))


async def expire_old(context: TaskContext) -> str | None:
    """Delete the messages that are older than their room keeps them."""
    deleted = 0
    for keeps, age in _AGES.items():
        before = datetime.now(UTC) - age
        for policy in await RoomPolicy.filter(keeps=keeps).only("id", "room_id"):
            deleted += await _delete(context, policy.room_id, Q(timestamp__lt=before))
    return f"{deleted} messages deleted" if deleted else None


async def expire_left(context: TaskContext) -> str | None:
    """Delete the messages of the rooms that nobody is in, where the owner wants that."""
    deleted = 0
    unseen = Q(seen_at=None) | Q(seen_at__lt=datetime.now(UTC) - LEFT_AFTER)
    for policy in await RoomPolicy.filter(unseen, keeps="left").only("id", "room_id"):
        deleted += await _delete(context, policy.room_id, Q())
    return f"{deleted} messages deleted" if deleted else None


async def _delete(context: TaskContext, room_id: int, which: Q) -> int:
    deleted = 0
    chosen = Message.filter(which, room_id=room_id).order_by("id")
    while ids := await chosen.limit(BATCH).values_list("id", flat=True):
        delete = Message.filter(id__in=list(ids)).delete
        await context.engine.writer.run(delete, [Room(id=room_id).group])
        deleted += len(ids)
    return deleted


TASKS = (
    Task("expire-old-messages", expire_old, every=600),
    Task("expire-left-rooms", expire_left, every=60),
)
