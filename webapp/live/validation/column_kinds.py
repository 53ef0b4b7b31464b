"""Describes how clients send the values of each Python type."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tortoise import fields


class Kind(NamedTuple):
    """How clients send values of one Python type.

    Attributes:
        problem: The reason of a FieldProblem for a value of another type.
        typed: The types that JSON's parser gives such values.
        shape: The beginning that a text needs; None: any. If `3` were accepted for a date, pydantic would read it as
            seconds since 1970.
    """

    problem: str
    typed: tuple[type, ...]
    shape: re.Pattern[str] | None = None


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-")
_KINDS: dict[object, Kind] = {
    bool: Kind("not_true_or_false", (bool,)),
    int: Kind("not_a_number", (int, float)),
    float: Kind("not_a_number", (int, float)),
    Decimal: Kind("not_a_number", (int, float, str)),
    datetime: Kind("not_a_date", (str,), _DAY),
    date: Kind("not_a_date", (str,), _DAY),
    time: Kind("not_a_date", (str,), re.compile(r"[0-9]{2}:")),
    timedelta: Kind("bad", (int, float, str)),
}
_TEXT = Kind("bad", (str,))
JSON = Kind("bad", (dict, list))
"""The kind of a JSONField."""


def kind_of(field: fields.Field[Any]) -> Kind:
    """Return how clients send the values of a field."""
    if choices := getattr(field, "enum_type", None):
        return Kind("not_a_choice", tuple({type(choice.value) for choice in choices}))
    return JSON if isinstance(field, fields.JSONField) else _KINDS.get(field.field_type, _TEXT)
