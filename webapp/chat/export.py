"""A room's messages for people who want to keep them: lines of JSON, or one page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from webapp.chat.labels import label_of
from webapp.chat.models import Message, Room

BATCH = 1000
"""Messages that one query reads."""


@dataclass(frozen=True, slots=True)
class Export:
    """For chat/export.html.

    Attributes:
        room: The room.
        messages: All that was said in it, oldest first.
    """

    room: Room
    messages: Sequence[Message]


async def find_room(label: str) -> Room | None:
    """The room that people reach by `label`, however they spell it."""
    found = label_of(label, ())
    return None if found is None else await Room.get_or_none(label=found)


async def messages_of(room: Room) -> AsyncIterator[Message]:
    """All messages of `room`, oldest first; what is said meanwhile may be among them."""
    after = 0
    while True:
        some = await Message.filter(room_id=room.id, id__gt=after).order_by("id").limit(BATCH)
        for message in some:
            yield message
        if not some:
            return
        after = some[-1].id


def line_of(message: Message) -> str:
    """A message as one line of JSON, without the end of the line."""
    said = {"id": message.id, "at": message.timestamp.isoformat(), "handle": message.handle, "message": message.message}
    return json.dumps(said, ensure_ascii=False)
