"""The stream of the board's values."""

from __future__ import annotations

from types import MappingProxyType

from webapp.board.counting import Counting
from webapp.board.models import IntegerValue


class IntegerValueBinding(Counting):
    """The stream `intval`: every visitor of the board reads its values, and may change them."""

    model = IntegerValue
    stream = "intval"
    group = "intval-updates"
    only = MappingProxyType({"room_id": None})
    fields = ("name", "value")
    writable = ("name", "value")
    template = "board/_value.html"
    update_template = "board/_value_update.html"
    refused_template = "board/_refused.html"
    target = "#values"
    element = "value"
    limit = 1000
