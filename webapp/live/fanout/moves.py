"""Sums up a run of changes: for each row one move, however often the row changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.live.binding.binding import Binding
from webapp.live.changelog.log import Change


@dataclass(frozen=True, slots=True)
class Move:
    """The result of a run of changes for one row.

    Attributes:
        binding: The binding of the row.
        action: create, update or delete.
        pk: The primary key as text.
        since: The sequence number of the first change of the row in the run.
        row: The row as it is now; None: deleted.
        fields: The fields that may have changed.
    """

    binding: Binding[Any]
    action: str
    pk: str
    since: int
    row: Any
    fields: Sequence[str]


@dataclass(slots=True)
class Touched:
    """The changes of one row in a run.

    Attributes:
        is_new: Whether one of them is a create.
        since: The sequence number of the first.
        columns: The columns that updates changed; None: not known.
    """

    is_new: bool
    since: int
    columns: frozenset[str] | None


def collapse(changes: Sequence[Change]) -> dict[str, dict[str, Touched]]:
    """Return the changes of each row by stream and primary key, in the order of the rows' first changes."""
    streams: dict[str, dict[str, Touched]] = {}
    for change in changes:
        touched = streams.setdefault(change.stream, {}).setdefault(change.pk, Touched(False, change.seq, frozenset()))
        touched.is_new = touched.is_new or change.action == "create"
        if change.action == "update":
            touched.columns = _both(touched.columns, change.fields)
    return streams


def move_of(binding: Binding[Any], pk: str, touched: Touched, row: Any) -> Move:
    """Return the move of a row.

    Args:
        binding: The binding of the row.
        pk: The primary key as text.
        touched: The changes of the row in the run.
        row: The row as it is now; None: there is none to show.
    """
    if row is None:
        return Move(binding, "delete", pk, touched.since, None, ())
    if touched.is_new:
        return Move(binding, "create", pk, touched.since, row, binding.fields)
    columns = binding.model._meta.fields_db_projection
    changed = touched.columns
    fields = [name for name in binding.fields if changed is None or columns.get(name, name) in changed]
    return Move(binding, "update", pk, touched.since, row, fields)


def _both(some: frozenset[str] | None, more: frozenset[str] | None) -> frozenset[str] | None:
    return None if some is None or more is None else some | more
