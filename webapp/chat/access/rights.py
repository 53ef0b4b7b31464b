"""Tells open pages when who may see a room has changed."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from webapp.chat.access.loading import KeptRules
from webapp.chat.access.models import RoomBan, RoomMember, RoomPolicy
from webapp.chat.models import Room
from webapp.live.binding import Rights

GROUP = "room:{room_id}"


class RoomRights(Rights[Any]):
    """Rows that decide about a room.

    Args:
        kept: Keeps the rules of rooms until such a row changes.
    """

    def __init__(self, kept: KeptRules) -> None:
        self._kept = kept

    def on_opened(self, group: str) -> None:
        """Keep the room's rules from now on."""
        if scope := self.scope(group):
            self._kept.follow(int(scope["room_id"]))

    def on_changed(self, group: str) -> None:
        """Load the room's rules again."""
        if scope := self.scope(group):
            self._kept.forget(int(scope["room_id"]))

    def on_closed(self, group: str) -> None:
        """Keep the room's rules no more."""
        if scope := self.scope(group):
            self._kept.unfollow(int(scope["room_id"]))


class PolicyRights(RoomRights):
    """The stream `roomrules`: what the policy of a room says about visitors."""

    model = RoomPolicy
    stream = "roomrules"
    group = GROUP
    fields = ("passphrase", "epoch", "is_private", "is_locked", "slow_seconds", "forbids_links", "asks_work", "keeps")
    belongs_to = MappingProxyType({"room_id": Room})


class MemberRights(RoomRights):
    """The stream `roommember`: owners, moderators and guests."""

    model = RoomMember
    stream = "roommember"
    group = GROUP
    fields = ("visitor", "role", "epoch")
    belongs_to = MappingProxyType({"room_id": Room})


class BanRights(RoomRights):
    """The stream `roomban`: who may not see the room."""

    model = RoomBan
    stream = "roomban"
    group = GROUP
    fields = ("visitor", "network", "until")
    belongs_to = MappingProxyType({"room_id": Room})
