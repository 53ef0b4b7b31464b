"""The constraints of a model's field, as pydantic names them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tortoise import fields, validators

Check = Callable[[Any], None]
"""A validator of Tortoise's without an equivalent in pydantic. A failed check raises ValidationError or ValueError."""


def constraints_of(field: fields.Field[Any]) -> tuple[dict[str, Any], list[Check]]:
    """Return the constraints of a field by pydantic's names, and its validators that have no such name."""
    if hasattr(field, "enum_type"):
        return {}, field.validators
    found: dict[str, Any] = {name: limit for name, limit in field.constraints.items() if name in _TIGHTER}
    if isinstance(field, fields.DecimalField):
        nines = (9,) * field.max_digits
        found["ge"], found["le"] = (Decimal((sign, nines, -field.decimal_places)) for sign in (1, 0))
        found["decimal_places"] = field.decimal_places
    if isinstance(field, fields.TimeDeltaField):
        # Tortoise stores a timedelta as microseconds in a BIGINT, so a longer one would not fit.
        found["ge"], found["le"] = (timedelta(microseconds=sign * (2**63 - 1)) for sign in (-1, 1))
    if field.field_type in (float, Decimal):
        found["allow_inf_nan"] = False
    checks: list[Check] = []
    for validator in field.validators:
        name, limit = _limit(validator, field.field_type)
        if name:
            found[name] = _TIGHTER[name](found.get(name, limit), limit)
        else:
            checks.append(validator)
    return found, checks


_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {"ge": max, "le": min, "min_length": max, "max_length": min}
_ROUNDED: dict[object, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    int: (math.ceil, math.floor),
    float: (float, float),
    Decimal: (Decimal, Decimal),
}


def _limit(validator: object, kind: object) -> tuple[str, Any]:
    """Return pydantic's name and the limit of a validator for values of the type `kind`; ("", None) if it has none."""
    up, down = _ROUNDED.get(kind, (None, None))
    match validator:
        case validators.MinLengthValidator() if kind is str:
            return "min_length", validator.min_length
        case validators.MaxLengthValidator() if kind is str:
            return "max_length", validator.max_length
        case validators.MinValueValidator() if up:
            return "ge", up(validator.min_value)
        case validators.MaxValueValidator() if down:
            return "le", down(validator.max_value)
    return "", None


def plain(limit: Any) -> int | str:
    """Return a limit as the templates show it: a whole number as an int, another number as text."""
    if isinstance(limit, (float, Decimal)) and limit == int(limit):
        return int(limit)
    return limit if isinstance(limit, int) else str(limit)
