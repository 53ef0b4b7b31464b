"""The form that a visitor gets."""

from __future__ import annotations

from webapp.chat.contexts import Composer, Refusal
from webapp.chat.draft import Draft
from webapp.chat.models import Room
from webapp.chat.saying import new_nonce
from webapp.live.visitor import Visitor


def composer_for(room: Room, visitor: Visitor, draft: Draft | None = None, refusal: Refusal | None = None) -> Composer:
    """The composer for `visitor`; after a refusal it keeps the draft that was refused."""
    return Composer(
        path=room.path,
        handle=draft.handle if draft else visitor.handle,
        guest=visitor.guest,
        nonce=(draft.nonce if draft else "") or new_nonce(),
        text=draft.message if draft else "",
        refusal=refusal,
    )
