"""Fills messages of a limited size with items."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def packed(items: Iterable[T], limit: int) -> Iterator[list[T]]:
    """Yield `items` in lists, in their order.

    Args:
        items: Values that JSON can carry.
        limit: Bytes of a list's JSON, at most. A larger item is yielded in a list of its own.
    """
    some: list[T] = []
    size = 0
    for item in items:
        length = len(json.dumps(item)) + 2
        if some and size + length > limit:
            yield some
            some, size = [], 0
        some.append(item)
        size += length
    if some:
        yield some
