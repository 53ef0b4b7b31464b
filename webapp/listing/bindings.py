"""The stream `listed`: rooms that anybody may find and enter."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from webapp.chat import Room
from webapp.chat.access import LISTING, RoomPolicy
from webapp.listing.contexts import ListedRoom
from webapp.live.binding import Binding

SHOWN = 200
"""Rooms that the page begins with."""


class ListedBinding(Binding[RoomPolicy]):
    """The stream `listed`: whoever opens the page of public rooms reads their names and topics."""

    model = RoomPolicy
    stream = "listed"
    group = LISTING
    only = MappingProxyType({"is_listed": True, "passphrase": "", "is_private": False})
    belongs_to = MappingProxyType({"room_id": Room})
    fields = ("topic",)
    members = ("label",)
    template = "listing/_room.html"
    target = "#listed"
    window = SHOWN
    actions = ()

    def context(self, row: RoomPolicy) -> ListedRoom:
        """Return the context of a room."""
        return ListedRoom(row, row.label)

    async def complete(self, rows: Sequence[RoomPolicy]) -> None:
        """Load the labels of the rooms."""
        ids = [row.room_id for row in rows]
        labels = dict(await Room.filter(id__in=ids).values_list("id", "label")) if ids else {}
        for row in rows:
            row.label = labels.get(row.room_id, "")
