"""Slow mode: in a room that has it, some seconds lie between two messages of a visitor."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from webapp.chat.access import RoomPolicy
from webapp.chat.lookalikes import TABLE, mark_lookalike
from webapp.chat.models import Message
from webapp.live.binding import Inbound
from webapp.live.visitor import Visitor


class TooSoon(Exception):
    """The visitor has said something a moment ago.

    Attributes:
        seconds: The whole seconds until the visitor may say something again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


async def say_slowly(message: Message, wait: int, visitor: Visitor, inbound: Inbound) -> None:
    """Commit a message, unless its author said something within the last `wait` seconds.

    Raises:
        TooSoon: The author did.
    """

    async def apply() -> None:
        # Two processes could each find that nothing was said, so both would write. They take turns by this row.
        await RoomPolicy.filter(room_id=message.room_id).select_for_update().values_list("id")
        if message.nonce and await Message.filter(nonce=message.nonce).exists():
            return
        now = datetime.now(UTC)
        said = Message.filter(room_id=message.room_id, author=message.author)
        recently = said.filter(timestamp__gt=now - timedelta(seconds=wait))
        last = await recently.order_by("-timestamp").only("id", "timestamp").first()
        if last is not None:
            raise TooSoon(max(1, math.ceil(wait - (now - last.timestamp).total_seconds())))
        await mark_lookalike(message, visitor)
        await message.save(force_create=True)

    await inbound.writer.run(apply, [inbound.group], order=("room", str(message.room_id)), inserts=TABLE)
