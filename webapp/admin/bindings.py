"""What the operator's page shows live: reports and bans. They are in one group, which no other page can name."""

from __future__ import annotations

from types import MappingProxyType

from webapp.chat import Room
from webapp.chat.access import OPERATOR, MessageReport, RoomBan
from webapp.live.binding import Binding

SHOWN = 50
"""Rows of each list that the page begins with."""


class ReportBinding(Binding[MessageReport]):
    """The stream `report`: messages that visitors have reported."""

    model = MessageReport
    stream = "report"
    group = OPERATOR
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("label", "message_id", "handle", "text", "note")
    template = "admin/_report.html"
    target = "#reports"
    window = SHOWN
    actions = ()


class AllBansBinding(Binding[RoomBan]):
    """The stream `allbans`: who is kept out of which room."""

    model = RoomBan
    stream = "allbans"
    group = OPERATOR
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("name", "until")
    template = "admin/_ban.html"
    target = "#all-bans"
    element = "ban"
    window = SHOWN
    actions = ()
