"""The types that a field of a new feature can have."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A type of field.

    Attributes:
        column: The field of the model, as it is written there.
        sample: A value as a form sends it.
        shown: The same as a row shows it.
        is_required: Whether a new row has to be given one.
        groups: The column where the field names a group, with an index; empty where the type can name none.
    """

    column: str
    sample: str
    shown: str
    is_required: bool = True
    groups: str = ""


KINDS = {
    "str": Kind(
        "fields.CharField(max_length=100)",
        "A first one",
        "A first one",
        groups="fields.CharField(max_length=100, db_index=True)",
    ),
    "text": Kind('fields.TextField(default="", db_default="")', "More of it", "More of it", is_required=False),
    "int": Kind("fields.IntField()", "12", "12", groups="fields.IntField(db_index=True)"),
    "bool": Kind("fields.BooleanField(default=False, db_default=False)", "true", "", is_required=False),
    "date": Kind("fields.DateField()", "2026-05-14", "2026-05-14"),
    "datetime": Kind("fields.DatetimeField()", "2026-05-14T18:30", "2026-05-14 18:30 UTC"),
    "decimal": Kind("fields.DecimalField(max_digits=12, decimal_places=2)", "12.50", "12.50"),
}
"""By the name that one writes."""
