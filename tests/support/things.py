"""A model of the tests' own: things that lie in a room, or in none, and the bindings that show them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from webapp.chat.models import Room
from webapp.live.binding.binding import Binding

ODD = "it's $live$ \\' -- 👋"
"""Text that SQL could trip over."""


class Thing(Model):
    """The columns that a binding may be about, of each type."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100)
    value = fields.BigIntField(default=0)
    note = fields.TextField(null=True)
    shown = fields.BooleanField(null=True, default=True)
    kind = fields.CharField(max_length=50, default="x", source_field="sort")
    room: fields.ForeignKeyNullableRelation[Room] = fields.ForeignKeyField(
        "models.Room", related_name="things", null=True
    )

    room_id: int | None

    class Meta:
        table = "item"


class _ThingBinding(Binding[Thing]):
    model = Thing
    template = "none.html"
    target = "#things"
    element = "thing"


class BoardThings(_ThingBinding):
    """The things that are in no room, in one constant group."""

    stream = "board"
    group = "board-updates"
    fields = ("name", "value")
    only: ClassVar = {"room_id": None}


class RoomThings(_ThingBinding):
    """The things of a room, in its group."""

    stream = "things"
    group = "room:{room_id}"
    fields = ("name", "value", "note", "kind")


class PickedThings(_ThingBinding):
    """Those that have one value of each type."""

    stream = "picked"
    group = ODD
    fields = ("kind", "name")
    only: ClassVar = {"shown": True, "value": -7, "kind": ODD, "note": None}


BINDINGS = (BoardThings(), RoomThings(), PickedThings())


class Mood(StrEnum):
    CALM = "calm"
    WILD = "wild"


class Odd(Model):
    """A column of each type that some value in the database may not fit."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100)
    value = fields.BigIntField(default=0, db_default=0)
    ratio = fields.FloatField(null=True)
    price = fields.DecimalField(max_digits=12, decimal_places=2, null=True)
    at = fields.DatetimeField(null=True)
    day = fields.DateField(null=True)
    hour = fields.TimeField(null=True)
    span = fields.TimeDeltaField(null=True)
    code = fields.UUIDField(null=True)
    data: fields.JSONField[Any] = fields.JSONField(null=True)
    mood = fields.CharEnumField(Mood, null=True)
    done = fields.BooleanField(default=False, db_default=False)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", related_name="odds")

    room_id: int

    class Meta:
        table = "odd"

    @property
    def length(self) -> int:
        """A member that fails for a name without a colon."""
        return len(self.name.split(":")[1]) if self.name.startswith("own") else 0
