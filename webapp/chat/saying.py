"""Saying a message: the one way in, for the socket and for the plain form."""

from __future__ import annotations

import logging
import secrets

from tortoise.exceptions import IntegrityError

from webapp.chat.contexts import Refusal
from webapp.chat.draft import Draft, NotSaid
from webapp.chat.models import Message
from webapp.live.binding.inbound import Inbound
from webapp.live.database.database_errors import DATABASE_AWAY
from webapp.live.writing.writer import WriterBusy

logger = logging.getLogger(__name__)

_BUSY: tuple[type[Exception], ...] = (WriterBusy, *DATABASE_AWAY)


async def say(draft: Draft, inbound: Inbound, room_id: int) -> Message:
    """Commit what the visitor says in the room, and give it as it was said. Raises NotSaid."""
    message = draft.message_of(inbound.visitor, room_id)
    seconds = inbound.admit(False)
    if seconds:
        raise NotSaid(Refusal("flooding", seconds=seconds))
    try:
        # A nonce that is there already means that this was said before: once is enough.
        await inbound.writer.create(message, f"room:{room_id}", ignore_conflicts=True)
    except IntegrityError as error:
        logger.info("room %s is gone: %s", room_id, error)
        raise NotSaid(Refusal("gone")) from error
    except _BUSY as error:
        logger.warning("a message could not be written: %r", error)
        raise NotSaid(Refusal("busy")) from error
    return message


def new_nonce() -> str:
    """A nonce for one form."""
    return secrets.token_urlsafe(9)
