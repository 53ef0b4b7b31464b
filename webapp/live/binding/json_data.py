"""Converts the rows of a binding to data, for JSON clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.fields import JSONField
from tortoise.models import Model

_PLAIN = (str, int, float, bool, datetime, date, time, timedelta, Decimal, UUID)


def serialized(row: Any, names: Collection[str], members: Sequence[str]) -> dict[str, Any]:
    """Return a row as data for JSON.

    Args:
        row: The row.
        names: The fields to return.
        members: Attributes, properties and dotted paths to return as well. A path over a missing row leads to None.
    """
    return {name: getattr(row, name) for name in names} | {path: _reached(row, path) for path in members}


def are_plain(model: type[Model], fields: Collection[str]) -> bool:
    """Return whether JSON has a form for all values of these fields."""
    known = model._meta.fields_map
    return all(
        getattr(known.get(name), "field_type", int) in _PLAIN or isinstance(known[name], JSONField) for name in fields
    )


def _reached(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = None if row is None else getattr(row, name)
    return row
