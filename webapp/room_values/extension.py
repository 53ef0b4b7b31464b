"""The values of a room as an extension of the chat."""

from __future__ import annotations

from webapp.chat import RoomExtension
from webapp.room_values.bindings import RoomValueBinding
from webapp.room_values.commands import commands

_values = RoomValueBinding()

extension = RoomExtension(
    binding=_values,
    commands=commands(_values),
    panel="room_values/_panel.html",
    tip="room_values/_tip.html",
    reason="room_values/_reason.html",
    usage="room_values/_usage.html",
)
