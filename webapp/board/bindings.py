"""Live values on the wire: those of the board, and those of a room."""

from __future__ import annotations

from types import MappingProxyType

from webapp.board.counting import Counting
from webapp.board.models import IntegerValue


class IntegerValueBinding(Counting):
    """Stream `intval`: the values of the board, to everybody who has it open; anybody may change them."""

    model = IntegerValue
    stream = "intval"
    group = "intval-updates"
    only = MappingProxyType({"room_id": None})
    fields = ("name", "value")
    writable = ("name", "value")
    template = "board/_value.html"
    update_template = "board/_value_update.html"
    denied_template = "board/_denied.html"
    target = "#values"
    element = "value"
    limit = 1000


class RoomValueBinding(Counting):
    """Stream `roomval`: the values of a room, to everybody in it; whoever is there may change them."""

    model = IntegerValue
    stream = "roomval"
    group = "room:{room_id}"
    fields = ("name", "value")
    writable = ("name", "value")
    template = "board/_room_value.html"
    target = "#room-values"
    element = "room-value"
    limit = 20
