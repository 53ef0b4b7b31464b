"""What somebody typed, and the message that it makes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from webapp.chat.contexts import Refusal
from webapp.chat.models import Message
from webapp.live.validation.texts import cleaned, is_blank, name_of
from webapp.live.visitor import NAME_LIMIT, Visitor

MESSAGE_LIMIT = 2000
"""Characters in a message, at most, after trimming."""


class NotSaid(Exception):
    """A draft was not said."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Draft:
    """A filled-in composer. `nonce` is the form's, or empty. in_lines: `message` was typed in several lines."""

    handle: str
    message: str
    nonce: str
    in_lines: bool = False

    def message_of(self, visitor: Visitor, room_id: int) -> Message:
        """The message, ready to be written. Raises NotSaid for what cannot be said."""
        handle = name_of(self.handle) or visitor.guest
        text = cleaned(self.message)
        if is_blank(text):
            raise NotSaid(Refusal("blank"))
        if len(handle) > NAME_LIMIT:
            raise NotSaid(Refusal("handle_too_long", limit=NAME_LIMIT))
        if len(text) > MESSAGE_LIMIT:
            raise NotSaid(Refusal("too_long", limit=MESSAGE_LIMIT))
        return Message(room_id=room_id, handle=handle, message=text, nonce=self._once(visitor, text))

    def _once(self, visitor: Visitor, text: str) -> str | None:
        # The text belongs to it: what is typed before the next nonce has arrived is another message, not a repeat.
        # So does the visitor: nobody can use up another's nonce.
        if not self.nonce:
            return None
        return hashlib.sha256("\0".join((visitor.id, self.nonce, text)).encode()).hexdigest()[:32]
