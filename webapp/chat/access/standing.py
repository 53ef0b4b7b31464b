"""What a visitor may do in a room, as its rows decide."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from webapp.chat.access.keys import network_key, visitor_key
from webapp.chat.access.models import RoomBan, RoomMember, RoomPolicy
from webapp.live.visitor import Visitor

MODERATORS = ("owner", "moderator")
"""The roles that look after a room."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows that decide about a room.

    Attributes:
        room_id: The room.
        policy: Its rules; for a room without any, a policy that is not in the database.
        members: What visitors are in it, by their keys.
        bans: Who may not see it.
    """

    room_id: int
    policy: RoomPolicy
    members: Mapping[str, RoomMember] = field(default_factory=lambda: MappingProxyType({}))
    bans: Sequence[RoomBan] = ()

    @property
    def is_closed(self) -> bool:
        """Whether only some visitors may see the room."""
        return bool(self.policy.passphrase) or self.policy.is_private

    @property
    def restrict_somebody(self) -> bool:
        """Whether any visitor may not see the room, or may not say everything in it."""
        policy = self.policy
        return bool(
            self.bans
            or policy.passphrase
            or policy.is_private
            or policy.is_locked
            or policy.forbids_links
            or policy.slow_seconds
            or policy.asks_work
        )

    @property
    def has_owner(self) -> bool:
        """Whether anybody owns the room, or has a link that makes an owner."""
        return bool(self.policy.owner_token) or any(one.role == "owner" for one in self.members.values())

    def role_of(self, visitor: Visitor) -> str:
        """Return the visitor's role; empty: none."""
        member = self.members.get(visitor_key(self.room_id, visitor.id)) if self.members else None
        return member.role if member else ""

    def standing_of(self, visitor: Visitor) -> Standing:
        """Return what `visitor` may do in the room."""
        role = self.role_of(visitor)
        if role in MODERATORS:
            return Standing(self.policy, role)
        reason = "banned" if self._bans(visitor) else self._closed_to(visitor, role)
        return Standing(self.policy, role, reason)

    def _closed_to(self, visitor: Visitor, role: str) -> str:
        if not self.is_closed or role == "guest":
            return ""
        if role == "knows" and self.policy.passphrase:
            epoch = self.members[visitor_key(self.room_id, visitor.id)].epoch
            if epoch == self.policy.epoch:
                return ""
        if role in ("waiting", "turned_away") and self.policy.is_private:
            return role
        return "passphrase" if self.policy.passphrase else "private"

    def _bans(self, visitor: Visitor) -> bool:
        if not self.bans:
            return False
        now = datetime.now(UTC)
        keys = {visitor_key(self.room_id, visitor.id), network_key(self.room_id, visitor)} - {""}
        return any((one.until is None or one.until > now) and keys & {one.visitor, one.network} for one in self.bans)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a visitor may do in a room.

    Attributes:
        policy: The rules of the room.
        role: The visitor's role, as in RoomMember; empty: none.
        closed: Why the visitor may not see the room: banned, passphrase, private, waiting or turned_away; empty: the
            visitor may.
    """

    policy: RoomPolicy
    role: str = ""
    closed: str = ""

    @property
    def may_see(self) -> bool:
        """Whether the visitor may see the room, and what is said in it."""
        return not self.closed

    @property
    def may_say(self) -> bool:
        """Whether the visitor may say something, or change the room's values."""
        return self.may_see and (self.may_moderate or not self.policy.is_locked)

    def owes_work(self, visitor: Visitor) -> bool:
        """Return whether the browser of `visitor`, whose standing this is, has to do a computation first."""
        return self.policy.asks_work and self.role not in (*MODERATORS, "guest") and visitor.worked_until < time.time()

    @property
    def may_moderate(self) -> bool:
        """Whether the visitor looks after the room."""
        return self.role in MODERATORS

    @property
    def is_owner(self) -> bool:
        """Whether the visitor owns the room."""
        return self.role == "owner"
