"""Finds a room, or makes it. Two requests may make the same room at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from haikunator import Haikunator
from starlette.exceptions import HTTPException
from tortoise.exceptions import IntegrityError

from webapp.chat.access import RoomMember, visitor_key
from webapp.chat.models import Room
from webapp.live.validation import name_of
from webapp.live.visitor import NAME_LIMIT, Visitor
from webapp.live.writing import Writer

logger = logging.getLogger(__name__)

TRIES = 10
"""Haiku names that `start` tries before it gives up; there are 86 million of them."""


class NoFreeName(Exception):
    """TRIES names in a row were taken."""


class TooManyRooms(HTTPException):
    """Too many rooms were made from the visitor's network; where nothing catches it, the answer is 429.

    Attributes:
        seconds: The whole seconds until the next one may be made.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(429, headers={"Retry-After": str(seconds)})
        self.seconds = seconds


async def find(label: str) -> Room:
    """Return the room with `label`. One that was not made yet has the id 0, which no row has, and is empty."""
    return await Room.get_or_none(label=label) or Room(id=0, name=label, label=label)


async def enter(
    label: str, writer: Writer, admitted: Callable[[], int] = lambda: 0, owner: Visitor | None = None
) -> Room:
    """Return the room with `label`; make it first if it was not made yet.

    Args:
        label: The label.
        writer: Makes the room.
        admitted: Counts one more room of the visitor; returns the seconds that the visitor has to wait first, or 0.
        owner: The visitor who owns the room if this makes it; None: nobody does.

    Raises:
        TooManyRooms: The visitor has to wait.
        Exception: The database failed.
    """
    room = await Room.get_or_none(label=label)
    if room is None:
        _require(admitted)
        # If a visitor of another process makes it at the same moment, that one owns it.
        with suppress(IntegrityError):
            await writer.run(partial(_make_once, label, owner))
        room = await Room.get(label=label)
    return room


async def start(writer: Writer, admitted: Callable[[], int] = lambda: 0, owner: Visitor | None = None) -> Room:
    """Make a room with a haiku name.

    Args:
        writer: Makes the room.
        admitted: As for `enter`.
        owner: The visitor who owns it; None: nobody does.

    Raises:
        NoFreeName: All names that were tried are taken.
        TooManyRooms: The visitor has to wait.
    """
    _require(admitted)
    haikunator = Haikunator()
    for _ in range(TRIES):
        name = haikunator.haikunate()
        with suppress(IntegrityError):
            room: Room = await writer.run(partial(_make, name, owner))
            return room
        logger.info("the name %s is taken", name)
    raise NoFreeName


async def _make_once(label: str, owner: Visitor | None) -> None:
    # Many may open the link of a new room at once. If each of them failed because the first had made it, the writer
    # would try all of their writes one by one, and would give up before it came to the last.
    if not await Room.exists(label=label):
        await _make(label, owner)


async def _make(label: str, owner: Visitor | None) -> Room:
    room = await Room.create(name=label, label=label, visited_at=datetime.now(UTC))
    if owner is not None:
        name = name_of(owner.handle)[:NAME_LIMIT] or owner.guest
        await RoomMember.create(room_id=room.id, visitor=visitor_key(room.id, owner.id), role="owner", name=name)
    return room


def _require(admitted: Callable[[], int]) -> None:
    if seconds := admitted():
        raise TooManyRooms(seconds)
