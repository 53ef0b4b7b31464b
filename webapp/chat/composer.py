"""The form that a visitor gets."""

from __future__ import annotations

from webapp.chat.contexts import Composer, MessageRefusal
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.models import Room
from webapp.live.visitor import Visitor


def composer_for(
    room: Room, visitor: Visitor, draft: Draft | None = None, refusal: MessageRefusal | None = None
) -> Composer:
    """The composer for `visitor`; after a refusal it keeps the draft that was refused."""
    return Composer(
        path=room.path,
        handle=draft.handle if draft else visitor.handle,
        guest=visitor.guest,
        nonce=(draft.nonce if draft else "") or new_nonce(),
        text=draft.message if draft else "",
        refusal=refusal,
        in_lines=draft.in_lines if draft else False,
    )


def draft_of(handle: str, message: str, lines: str, nonce: str) -> Draft:
    """Return the draft that a composer's boxes make.

    Both boxes of text are filled when a visitor switched boxes before the text could follow, or without scripts.

    Args:
        handle: The name.
        message: The text in the box of one line.
        lines: The text in the box of several lines, which takes the other's place.
        nonce: The form's.
    """
    typed = [text for text in (message, lines) if text.strip()]
    return Draft(handle, "\n".join(typed) or message or lines, nonce, in_lines=bool(lines.strip()))


def in_one_line(text: str) -> str:
    """`text` for a box of one line, which would join the words at both sides of a line's end."""
    return " ".join(text.splitlines())
