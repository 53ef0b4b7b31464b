"""The stream of a room's values."""

from __future__ import annotations

from types import MappingProxyType

from webapp.board import Counting, IntegerValue
from webapp.chat import Room


class RoomValueBinding(Counting):
    """The stream `roomval`: every visitor of a room reads its values, and may change them."""

    model = IntegerValue
    stream = "roomval"
    group = "room:{room_id}"
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("name", "value")
    writable = ("name", "value")
    template = "room_values/_room_value.html"
    target = "#room-values"
    element = "room-value"
    limit = 20
