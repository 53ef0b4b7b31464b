"""Checks whether a JSONField can hold a JSON value on every database."""

from __future__ import annotations

import math
from collections.abc import Iterable

from webapp.live.validation.texts import is_storable

JSON_LEVELS = 32
"""Levels of lists and objects inside each other in a JSONField, at most."""

JSON_BITS = 1024
"""Bits of an integer in a JSONField, at most."""


def is_storable_json(value: object) -> bool:
    """Return whether the JSON type of every database can hold `value`."""
    level = [value]
    for _ in range(JSON_LEVELS):
        if not all(map(_is_storable, level)):
            return False
        level = [child for each in level for child in _children(each)]
    return not level


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def _is_storable(value: object) -> bool:
    match value:
        case str():
            return is_storable(value)
        case float():
            return math.isfinite(value)
        case int():
            return value.bit_length() <= JSON_BITS
    return value is None or isinstance(value, (dict, list))
