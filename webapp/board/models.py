"""Whole numbers with names: on the board, or in a room."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

LOWEST, HIGHEST = -(2**63), 2**63 - 1
"""The bounds of a value: 64 bits with a sign."""


class IntegerValue(Model):
    """A whole number with a name, which visitors change together.

    Attributes:
        name: The name, unique in its room or on the board.
        value: The number.
        room_id: The room that shows it; None: the board does.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100)
    value = fields.BigIntField(default=0, db_default=0)
    room_id = fields.BigIntField(null=True)

    class Meta:
        table = "integervalue"
        table_description = "live values, of the board or of a room"
        # NULLs are never equal, so this index does not keep names on the board unique. One in the migrations does.
        unique_together = (("room_id", "name"),)
