"""Contexts of the templates in templates/owners/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chat import Room
from webapp.chat.access import RoomBan, RoomMember, RoomPolicy


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """For owners/settings.html.

    Attributes:
        room: The room.
        policy: Its rules.
        is_owner: The reader owns the room; else the reader is a moderator, or nobody owns it.
        may_claim: Nobody owns the room, nothing was said in it, and the reader may become the owner.
        waiting: Who asks to be let in, the longest first.
        members: The owners, the moderators, and whoever was let in by name.
        bans: Who is kept out, the newest first.
        has_link: There is an owner link that works.
        lists_rooms: There is a page of public rooms.
        link: The owner link that was just made, whole; empty: none was. It is not shown again.
        done: The form that was carried out just now; empty: none was.
        problem: The reason why a form was not carried out: too_long, bad_number, or gone; empty: there is none.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    room: Room
    policy: RoomPolicy
    is_owner: bool
    may_claim: bool
    waiting: Sequence[RoomMember]
    members: Sequence[RoomMember]
    bans: Sequence[RoomBan]
    has_link: bool
    lists_rooms: bool
    link: str
    done: str
    problem: str
    visitor: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """For owners/own.html: the question of an owner link.

    Attributes:
        path: The URL path of the room.
        key: The secret of the link.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    path: str
    key: str
    visitor: str
