"""What each form of a room's settings does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from webapp.chat.access import KEEPS, PASSPHRASE_LIMIT, TOPIC_LIMIT, WELCOME_LIMIT, Acts
from webapp.live.validation import cleaned

SLOWEST = 3600
"""Seconds between two messages of a visitor in slow mode, at most."""

_ID = re.compile(r"[0-9]{1,18}")
_SECONDS = re.compile(r"[0-9]{1,4}")

Fields = Mapping[str, str]
"""The texts of a form by the names of its fields; a field that is missing is empty."""


class FormProblem(Exception):
    """A form cannot be carried out.

    Attributes:
        reason: too_long, bad_number or gone.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Form(NamedTuple):
    """One form of the page.

    Attributes:
        apply: Carries it out. It may raise FormProblem.
        for_moderators: Moderators may send it, too.
    """

    apply: Callable[[Acts, Fields], Awaitable[object]]
    for_moderators: bool = False


async def _passphrase(acts: Acts, fields: Fields) -> None:
    await acts.set_passphrase(_text(fields, "passphrase", PASSPHRASE_LIMIT))


async def _open(acts: Acts, fields: Fields) -> None:
    await acts.set_passphrase("")


async def _admission(acts: Acts, fields: Fields) -> None:
    await acts.set_rules(is_private=bool(fields["is_private"]))


async def _words(acts: Acts, fields: Fields) -> None:
    await acts.set_rules(
        topic=" ".join(_text(fields, "topic", TOPIC_LIMIT).split()), welcome=_text(fields, "welcome", WELCOME_LIMIT)
    )


async def _rules(acts: Acts, fields: Fields) -> None:
    slow = fields["slow_seconds"].strip() or "0"
    if not _SECONDS.fullmatch(slow) or int(slow) > SLOWEST:
        raise FormProblem("bad_number")
    await acts.set_rules(
        is_locked=bool(fields["is_locked"]),
        slow_seconds=int(slow),
        forbids_links=bool(fields["forbids_links"]),
        asks_work=bool(fields["asks_work"]),
    )


async def _listing(acts: Acts, fields: Fields) -> None:
    await acts.set_rules(is_listed=bool(fields["is_listed"]))


async def _keeps(acts: Acts, fields: Fields) -> None:
    if fields["keeps"] not in KEEPS:
        raise FormProblem("bad_number")
    # Somebody is there now: the owner.
    await acts.set_rules(keeps=fields["keeps"], seen_at=datetime.now(UTC))


async def _admit(acts: Acts, fields: Fields) -> None:
    await acts.set_role(_id(fields), "guest", ("waiting", "turned_away"))


async def _turn_away(acts: Acts, fields: Fields) -> None:
    await acts.set_role(_id(fields), "turned_away", ("waiting", "guest"))


async def _appoint(acts: Acts, fields: Fields) -> None:
    await acts.set_role(_id(fields), "moderator", ("guest", "knows", "waiting"))


async def _dismiss(acts: Acts, fields: Fields) -> None:
    await acts.set_role(_id(fields), "guest", ("moderator",))


async def _lift(acts: Acts, fields: Fields) -> None:
    await acts.lift_ban(_id(fields))


async def _unlink(acts: Acts, fields: Fields) -> None:
    await acts.revoke_owner_link()


FORMS: Mapping[str, Form] = {
    "passphrase": Form(_passphrase),
    "open": Form(_open),
    "admission": Form(_admission),
    "words": Form(_words),
    "rules": Form(_rules),
    "keeps": Form(_keeps),
    "listing": Form(_listing),
    "admit": Form(_admit, for_moderators=True),
    "turn_away": Form(_turn_away, for_moderators=True),
    "appoint": Form(_appoint),
    "dismiss": Form(_dismiss),
    "lift": Form(_lift, for_moderators=True),
    "unlink": Form(_unlink),
}
"""The forms by the value of their field `act`. The page itself carries out those that answer with something else."""

NAMES = (
    *("act", "passphrase", "is_private", "topic", "welcome", "is_locked", "slow_seconds", "forbids_links", "keeps"),
    *("asks_work", "is_listed", "id", "sure", "visitor"),
)
"""The fields of all forms."""


def _text(fields: Fields, name: str, limit: int) -> str:
    text = cleaned(fields[name])
    if len(text) > limit:
        raise FormProblem("too_long")
    return text


def _id(fields: Fields) -> int:
    if not _ID.fullmatch(fields["id"]):
        raise FormProblem("gone")
    return int(fields["id"])
