"""The values of a room on the wire."""

from __future__ import annotations

from types import MappingProxyType

from webapp.board.counting import Counting
from webapp.board.models import IntegerValue
from webapp.chat.models import Room


class RoomValueBinding(Counting):
    """Stream `roomval`: the values of a room, to everybody in it; whoever is there may change them."""

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
