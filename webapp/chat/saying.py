"""Commits a message, for the socket and for the plain form."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from tortoise.exceptions import IntegrityError

from webapp.chat.access import network_key, visitor_key
from webapp.chat.contexts import MessageRefusal
from webapp.chat.draft import Draft
from webapp.chat.lookalikes import Names
from webapp.chat.models import Message, Room
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import TooManyRooms
from webapp.chat.sayings import Saying
from webapp.chat.slow_mode import TooSoon, say_slowly
from webapp.live.binding import Inbound
from webapp.live.validation import cleaned, is_blank
from webapp.live.visitor import NAME_LIMIT, Visitor
from webapp.live.writing import BUSY

logger = logging.getLogger(__name__)

_NOT_WRITTEN: tuple[type[Exception], ...] = (IntegrityError, *BUSY)

MESSAGE_LIMIT = 2000
"""Characters in a message, at most, after trimming."""


async def say(
    draft: Draft, saying: Saying, inbound: Inbound, room_id: int, names: Names, slow_seconds: int = 0
) -> Message:
    """Commit a message in a room.

    Args:
        draft: The content of the composer, which a refusal gives back.
        saying: The message's kind and text; an escaped command has one slash less than the draft.
        inbound: The request, with its visitor and the writer.
        room_id: The id of the room with the group of `inbound`.
        names: Knows whose the names are.
        slow_seconds: Seconds that must lie between two messages of the visitor.

    Returns:
        The message as it was committed, but without its primary key.

    Raises:
        MessageRefused: The message was not committed, or the server cannot know whether it was.
    """
    visitor = inbound.visitor.named(draft.handle)
    message = message_of(draft, saying.text, visitor, room_id)
    message.kind, message.reply_to = saying.kind, draft.reply_to
    message.mark = inbound.mark(visitor)
    message.author = visitor_key(room_id, inbound.visitor.id)
    message.network = network_key(room_id, inbound.visitor)
    seconds = inbound.admit(False)
    if seconds:
        raise MessageRefused(draft, MessageRefusal("flooding", seconds=seconds))
    try:
        if slow_seconds:
            await say_slowly(message, slow_seconds, visitor, inbound)
        else:
            await names.say(message, visitor, inbound)
    except TooSoon as error:
        raise MessageRefused(draft, MessageRefusal("slow", seconds=error.seconds)) from error
    except _NOT_WRITTEN as error:
        raise MessageRefused(draft, MessageRefusal(_not_written(error, room_id))) from error
    return message


async def made_for(draft: Draft, visitor: Visitor, make: Callable[[], Awaitable[Room]]) -> Room:
    """Return the room that `make` makes for its first message, if that can be said.

    Args:
        draft: The content of the composer.
        visitor: The sender.
        make: Makes the room.

    Raises:
        MessageRefused: The message cannot be said, or the visitor has made too many rooms.
    """
    # If this came after the room, a refusal would leave an empty room behind.
    message_of(draft, draft.message, visitor.named(draft.handle), 0)
    try:
        return await make()
    except TooManyRooms as error:
        raise MessageRefused(draft, MessageRefusal("flooding", seconds=error.seconds)) from error


def message_of(draft: Draft, text: str, visitor: Visitor, room_id: int) -> Message:
    """Return the message to write.

    Args:
        draft: The content of the composer, with the name.
        text: The message's text.
        visitor: The sender, under the name of the draft.
        room_id: The id of the room.

    Raises:
        MessageRefused: The text or the name is blank or too long.
    """
    handle, text = visitor.handle or visitor.guest, cleaned(text)
    refusal = _refusal(handle, text)
    if refusal is not None:
        raise MessageRefused(draft, refusal)
    # A visitor who tries again sends the same text; the server throws other dice.
    nonce = draft.idempotency_key(visitor, cleaned(draft.message))
    return Message(room_id=room_id, handle=handle, message=text, nonce=nonce)


def _refusal(handle: str, text: str) -> MessageRefusal | None:
    if is_blank(text):
        return MessageRefusal("blank")
    if len(handle) > NAME_LIMIT:
        return MessageRefusal("handle_too_long", limit=NAME_LIMIT)
    return MessageRefusal("too_long", limit=MESSAGE_LIMIT) if len(text) > MESSAGE_LIMIT else None


def _not_written(error: Exception, room_id: int) -> str:
    """Return the reason of the refusal for an error of the writer."""
    if isinstance(error, IntegrityError):
        logger.info("room %s is gone: %s", room_id, error)
        return "gone"
    logger.warning("a message could not be written: %r", error)
    return "busy"
