"""Whole numbers with names: on the board, or in a room."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

LOWEST, HIGHEST = -(2**63), 2**63 - 1
"""The bounds of a value: 64 bits with a sign."""


class IntegerValue(Model):
    """A number that people change together.

    room_id: whose room's it is; None: the board's. Its name is its own there.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100)
    value = fields.BigIntField(default=0, db_default=0)
    room_id = fields.BigIntField(null=True)

    class Meta:
        table = "integervalue"
        table_description = "live values, of the board or of a room"
        # A second index, over the names of those without a room, is in the migrations: NULLs are never equal.
        unique_together = (("room_id", "name"),)
