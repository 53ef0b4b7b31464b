"""What pages show of a room's rules: the notices of the room, and the door of a visitor who waits."""

from __future__ import annotations

from types import MappingProxyType

from webapp.chat.access.models import RoomMember, RoomPolicy
from webapp.chat.models import Room
from webapp.live.binding import Binding


class PolicyBinding(Binding[RoomPolicy]):
    """The stream `policy`: every visitor of a room reads its topic and its rules."""

    model = RoomPolicy
    stream = "policy"
    group = "room:{room_id}"
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("topic", "welcome", "is_locked", "slow_seconds", "forbids_links", "keeps")
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
