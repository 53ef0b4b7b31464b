"""Background tasks: rooms that nobody uses, and messages past their time, are deleted.

Each transaction deletes a few rows and rings their rooms, so open pages follow and writers in between do not wait long.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from webapp.chat.access import RoomPolicy
from webapp.chat.extensions import RoomExtension
from webapp.chat.models import Message, Room
from webapp.live.writing import Writer
from webapp.tasks import HOUR, Task, TaskContext

EMPTY_DAYS = 2
"""Days after the last visit until an empty room goes. Visits are noted once a day, so it stays for one day or more."""

BATCH = 200
"""Rows that one transaction deletes, at most."""


async def expire_messages(context: TaskContext) -> str | None:
    """Delete the messages that are older than MESSAGE_TTL_DAYS."""
    before = _days_ago(context.retention.messages)
    deleted = await _delete_messages(Message.filter(timestamp__lt=before).order_by("timestamp"), context.engine.writer)
    return f"{deleted} messages deleted" if deleted else None


async def expire_rooms(context: TaskContext) -> str | None:
    """Delete the rooms where for ROOM_TTL_DAYS nobody came and nobody spoke, with all that is in them."""
    writer = context.engine.writer
    before = _days_ago(context.retention.rooms)
    await _start_clocks(writer)
    deleted = reached = 0
    while rooms := await Room.filter(visited_at__lt=before, id__gt=reached).order_by("id").limit(BATCH):
        for room in rooms:
            if not await _spoken_since(room, before):
                deleted += await _delete_room(room, before, writer)
        reached = rooms[-1].id
    return f"{deleted} rooms deleted" if deleted else None


def expire_empty(extensions: Sequence[RoomExtension]) -> Callable[[TaskContext], Awaitable[str | None]]:
    """Return the work that deletes the rooms that a visit made and where nothing was said within EMPTY_DAYS."""

    async def work(context: TaskContext) -> str | None:
        writer = context.engine.writer
        before = _days_ago(EMPTY_DAYS)
        deleted = reached = 0
        # A visit gives a room its label as its name. Another program may have prepared a room with a name of its own.
        made_by_visits = Room.filter(name=F("label"), visited_at__lt=before, messages__id__isnull=True)
        while rooms := await made_by_visits.filter(id__gt=reached).order_by("id").limit(BATCH):
            for room in rooms:
                if not await _is_used(room, extensions):
                    deleted += int(await writer.run(partial(_delete_empty, room.id, before), [room.group]) > 0)
            reached = rooms[-1].id
        return f"{deleted} empty rooms deleted" if deleted else None

    return work


async def _is_used(room: Room, extensions: Sequence[RoomExtension]) -> bool:
    # An owner who has set rules wants the room for later.
    if await RoomPolicy.exists(room_id=room.id):
        return True
    for extension in extensions:
        if await extension.binding.rows.highest(room.group):
            return True
    return False


async def _start_clocks(writer: Writer) -> None:
    """Take rooms from before visits were noted, or from other programs, for visited now."""
    while ids := await Room.filter(visited_at=None).limit(BATCH).values_list("id", flat=True):
        await writer.run(partial(Room.filter(id__in=ids, visited_at=None).update, visited_at=datetime.now(UTC)))


async def _spoken_since(room: Room, before: datetime) -> bool:
    newest = await Message.filter(room_id=room.id).order_by("-id").only("id", "timestamp").first()
    return newest is not None and newest.timestamp >= before


async def _delete_room(room: Room, before: datetime, writer: Writer) -> int:
    # The messages first, a few at a time: the database would delete all of them in one transaction with their room.
    chosen = Message.filter(room_id=room.id).order_by("id")
    while found := await chosen.limit(BATCH).values_list("id"):
        ids = [pk for (pk,) in found]
        if not await writer.run(partial(_delete_if_unused, room.id, before, ids), [room.group]):
            return 0
    # On SQLite the database's count has the rows that triggers wrote, so it only tells whether there was any.
    return int(await writer.run(partial(_delete_empty, room.id, before), [room.group]) > 0)


async def _delete_if_unused(room_id: int, before: datetime, ids: Sequence[int]) -> bool:
    # If somebody came meanwhile, the rest of the messages stays.
    if not await Room.filter(id=room_id, visited_at__lt=before).exists():
        return False
    await _delete(ids)
    return True


async def _delete_empty(room_id: int, before: datetime) -> int:
    # If somebody spoke meanwhile, the room stays.
    if await Message.filter(room_id=room_id).exists():
        return 0
    return await Room.filter(id=room_id, visited_at__lt=before).delete()


async def _delete_messages(chosen: QuerySet[Message], writer: Writer) -> int:
    deleted = 0
    while found := await chosen.limit(BATCH).values_list("id", "room_id"):
        groups = {Room(id=room_id).group for _, room_id in found}
        await writer.run(partial(_delete, [pk for pk, _ in found]), groups)
        deleted += len(found)
    return deleted


async def _delete(ids: Sequence[int]) -> None:
    await Message.filter(id__in=ids).delete()


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def tasks(extensions: Sequence[RoomExtension]) -> Sequence[Task]:
    """Return the background tasks of the chat, in whose rooms `extensions` have rows, too."""
    return (
        Task("expire-messages", expire_messages, every=HOUR, wanted=lambda retention: retention.messages > 0),
        Task("expire-rooms", expire_rooms, every=HOUR, wanted=lambda retention: retention.rooms > 0),
        Task("expire-empty-rooms", expire_empty(extensions), every=6 * HOUR),
    )
