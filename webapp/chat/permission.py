"""Whether a visitor may say something in a room, or change what other features show in it."""

from __future__ import annotations

from typing import Any

from webapp.chat.access import Rules
from webapp.chat.contexts import MessageRefusal
from webapp.live.binding import ActionRefused, Binding, Inbound
from webapp.live.contexts import Refusal
from webapp.live.templating import parts_of
from webapp.live.visitor import Visitor


def refusal_of(rules: Rules, visitor: Visitor, text: str) -> MessageRefusal | None:
    """Return why a visitor may not say `text`; None: the visitor may."""
    if not rules.restrict_somebody:
        return None
    standing = rules.standing_of(visitor)
    if not standing.may_say:
        return MessageRefusal("locked" if standing.may_see else "closed")
    if standing.owes_work(visitor):
        return MessageRefusal("work")
    if rules.policy.forbids_links and not standing.may_moderate and _has_link(text):
        return MessageRefusal("links")
    return None


def slow_seconds(rules: Rules, visitor: Visitor) -> int:
    """Return the seconds that must lie between two messages of a visitor."""
    seconds = rules.policy.slow_seconds
    return 0 if not seconds or rules.standing_of(visitor).may_moderate else seconds


def require_may_change(rules: Rules, binding: Binding[Any], action: object, inbound: Inbound) -> None:
    """Check that a visitor may change rows of another feature in the room.

    Raises:
        ActionRefused: The visitor may not.
    """
    refusal = refusal_of(rules, inbound.visitor, "")
    if refusal is not None:
        form = binding.form(str(action), inbound.pk)
        raise ActionRefused(Refusal(form, refusal.reason), binding.refused_template)


def _has_link(text: str) -> bool:
    return any(part.href for part in parts_of(text))
