"""How far a visitor has read in a room, noted when it leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from webapp.chat.access import visitor_key
from webapp.chat.contexts import Unread
from webapp.chat.models import Message, Room, RoomReader
from webapp.live.database import DATABASE_AWAY, insert
from webapp.live.visitor import Visitor
from webapp.live.writing import BUSY, Writer
from webapp.tasks import DAY, Task, TaskContext

logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)
"""How long it is kept after the visitor's last leave."""

MOST = 1000
"""Unread messages that are counted, at most."""

BATCH = 500
"""Rows that one transaction deletes, at most."""


class Leaves:
    """Notes leaves beside the sockets: a crowd that leaves at once is noted together, as the writer has time."""

    def __init__(self) -> None:
        self._noting: dict[tuple[int, str], asyncio.Task[None]] = {}

    def note(self, room_id: int, visitor: Visitor, writer: Writer) -> None:
        """Note that a visitor has left a room now, and has read all that was said in it."""
        key = room_id, visitor.id
        # Of a page that comes and goes, one note waits for the writer.
        if key not in self._noting:
            task = self._noting[key] = asyncio.create_task(note_read(room_id, visitor, writer))
            task.add_done_callback(lambda _: self._noting.pop(key))


async def note_read(room_id: int, visitor: Visitor, writer: Writer) -> None:
    """Note that a visitor has read all that was said in a room. If that cannot be noted, it is logged."""
    try:
        await writer.run(partial(_note, room_id, visitor_key(room_id, visitor.id)))
    except (*BUSY, *DATABASE_AWAY) as error:
        logger.info("how far a visitor of room %s has read was not noted: %r", room_id, error)


async def _note(room_id: int, visitor: str) -> None:
    now = datetime.now(UTC)
    newest = await _newest(room_id)
    if newest is None or await RoomReader.filter(visitor=visitor, room_id=room_id).update(read_to=newest, left_at=now):
        return
    await insert([RoomReader(room_id=room_id, visitor=visitor, read_to=newest, left_at=now)], ignore_conflicts=True)


async def _newest(room_id: int) -> int | None:
    """Return the id of a room's newest message, 0 where there is none; None: there is no such room."""
    if not await Room.exists(id=room_id):
        return None
    found = await Message.filter(room_id=room_id).order_by("-id").limit(1).values_list("id", flat=True)
    return int(str(found[0])) if found else 0


async def unread_of(room: Room, visitor: Visitor) -> Unread | None:
    """Return what was said in a room since a visitor left it; None: nothing, or it was not there before."""
    row = await RoomReader.get_or_none(visitor=visitor_key(room.id, visitor.id), room_id=room.id).only("id", "read_to")
    if row is None:
        return None
    later = Message.filter(room_id=room.id, id__gt=row.read_to).order_by("id").limit(MOST)
    ids = await later.values_list("id", flat=True)
    return Unread(int(str(ids[0])), len(ids)) if ids else None


async def _forget_old(context: TaskContext) -> str | None:
    before, forgotten = datetime.now(UTC) - KEPT, 0
    while ids := await RoomReader.filter(left_at__lt=before).limit(BATCH).values_list("id", flat=True):
        forgotten += len(ids)
        delete: Callable[[], Any] = RoomReader.filter(id__in=list(ids)).delete
        await context.engine.writer.run(delete)
    return f"{forgotten} rows" if forgotten else None


TASKS = (Task("forget-readers", _forget_old, every=DAY),)
