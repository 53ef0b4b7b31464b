"""How often visitors of the first page have waved."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

ONLY = 1
"""The primary key of the only row."""


class Wave(Model):
    """The waves of all visitors together: one row, which the first wave makes.

    Attributes:
        count: How many there were.
    """

    id = fields.BigIntField(primary_key=True)
    count = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "wave"
        table_description = "waves on the first page"
