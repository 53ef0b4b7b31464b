"""Finds a room, or makes it. Two requests may make the same room at once."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from haikunator import Haikunator
from tortoise.exceptions import IntegrityError

from webapp.chat.models import Room
from webapp.live.writing import Writer

logger = logging.getLogger(__name__)

TRIES = 10
"""Haiku names that `start` tries before it gives up; there are 86 million of them."""


class NoFreeName(Exception):
    """TRIES names in a row were taken."""


async def enter(label: str, writer: Writer) -> Room:
    """Return the room with `label`; make it first if this is its first visit.

    Raises:
        Exception: The database failed.
    """
    room = await Room.get_or_none(label=label)
    if room is None:
        made = Room(name=label, label=label, visited_at=datetime.now(UTC))
        await writer.create(made, made.group, ignore_conflicts=True)
        room = await Room.get(label=label)
    return room


async def start(writer: Writer) -> Room:
    """Make a room with a haiku name.

    Raises:
        NoFreeName: All names that were tried are taken.
    """
    haikunator = Haikunator()
    for _ in range(TRIES):
        name = haikunator.haikunate()
        with suppress(IntegrityError):
            room: Room = await writer.run(partial(Room.create, name=name, label=name, visited_at=datetime.now(UTC)))
            return room
        logger.info("the name %s is taken", name)
    raise NoFreeName
