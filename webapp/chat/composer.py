"""The composer: the form that a visitor writes messages in."""

from __future__ import annotations

import re

from webapp.chat.contexts import Composer, MessageRefusal
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.models import Message, Room
from webapp.live.visitor import Visitor

ID = re.compile(r"[0-9]{1,18}")
"""The id of a message, as a text."""


def composer_for(
    room: Room,
    visitor: Visitor,
    draft: Draft | None = None,
    refusal: MessageRefusal | None = None,
    reply: Message | None = None,
) -> Composer:
    """Return the composer of a room's page.

    Args:
        room: The room.
        visitor: The visitor of the page.
        draft: The text that the visitor typed before; None: there is none.
        refusal: Why the draft was refused; None: it was not.
        reply: The message that the visitor replies to, or None.
    """
    return Composer(
        path=room.path,
        handle=draft.handle if draft else visitor.handle,
        guest=visitor.guest,
        nonce=(draft.nonce if draft else "") or new_nonce(),
        text=draft.message if draft else "",
        refusal=refusal,
        in_lines=draft.in_lines if draft else False,
        reply=reply,
    )


def draft_of(handle: str, message: str, lines: str, nonce: str, reply_to: str = "") -> Draft:
    """Return the draft in the boxes of a composer.

    Both boxes have text if a visitor switched boxes without scripts, or before the text could follow.

    Args:
        handle: The name.
        message: The text in the box of one line.
        lines: The text in the box of several lines, which replaces the other box.
        nonce: The nonce of the form.
        reply_to: The id of the message that it replies to. What is no id is no reply.
    """
    typed = [text for text in (message, lines) if text.strip()]
    origin = int(reply_to) if ID.fullmatch(reply_to) else None
    return Draft(handle, "\n".join(typed) or message or lines, nonce, bool(lines.strip()), origin)


def in_one_line(text: str) -> str:
    """Return `text` for a box of one line. Browsers drop line ends there, and would join the words around them."""
    return " ".join(text.splitlines())
