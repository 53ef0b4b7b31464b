"""Filling messages of a limited size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def packed(items: Iterable[T], limit: int) -> Iterator[list[T]]:
    """`items` in lists whose JSON has `limit` bytes at most, or a single item that is larger."""
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
