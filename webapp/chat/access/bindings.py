"""What pages show of a room's rules: its notices, the door of a visitor who waits, and who waits at it."""

from __future__ import annotations

from types import MappingProxyType

from webapp.chat.access.loading import standing_of
from webapp.chat.access.models import RoomMember, RoomPolicy
from webapp.chat.models import Room
from webapp.live.binding import Binding, Rights
from webapp.live.visitor import Visitor


class PolicyBinding(Binding[RoomPolicy]):
    """The stream `policy`: every visitor of a room reads its topic and its rules."""

    model = RoomPolicy
    stream = "policy"
    group = "room:{room_id}"
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("topic", "welcome", "is_locked", "slow_seconds", "forbids_links", "asks_work", "keeps")
    template = "chat/_policy.html"
    actions = ()


class DoorBinding(Binding[RoomMember]):
    """The stream `door`: a visitor who waits reads what has become of the request. The group names the visitor."""

    model = RoomMember
    stream = "door"
    group = "door:{room_id}:{visitor}"
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("role",)
    template = "chat/_door.html"
    actions = ()


class KnockBinding(Binding[RoomMember]):
    """The stream `knock`: owners and moderators read who asks to be let in."""

    model = RoomMember
    stream = "knock"
    group = "owners:{room_id}"
    only = MappingProxyType({"role": "waiting"})
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("name", "mark")
    template = "chat/_knock.html"
    target = "#knocks"
    actions = ()

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        """Return whether `visitor` looks after the room; where the room is gone, nobody waits."""
        room_id = int((self.scope(group) or {})["room_id"])
        return (await standing_of(visitor, room_id)).may_moderate or not await Room.exists(id=room_id)


class ModeratorRights(Rights[RoomMember]):
    """The stream `roommoderator`: whoever looks after the room no more reads no longer who waits."""

    model = RoomMember
    stream = "roommoderator"
    group = "owners:{room_id}"
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("role",)
