"""What the log has to say of a statement, told from the table before and after it, without any SQL."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from webapp.live.changes import Change
from webapp.live.watch import Watch

Row = Mapping[str, object]
Table = Mapping[int, Row]
"""Rows by primary key."""


class Told(NamedTuple):
    """One change, without its number."""

    stream: str
    action: str
    pk: str
    fields: frozenset[str] | None = None


def told(change: Change) -> Told:
    """The same without its number."""
    return Told(change.stream, change.action, change.pk, change.fields)


class Statement(NamedTuple):
    """The changes of one statement in one group, which are in no order, and those that may be there beside them."""

    changes: Counter[Told]
    excess: Counter[Told]


def expected(watch: Watch, before: Table, after: Table, inserts: bool) -> dict[str, Statement]:
    """By group: the changes of the statement that led from one table to the other.

    inserts: whether it may have tried to take rows' places, which SQLite logs whether it came to that or not.
    """
    groups: dict[str, Statement] = defaultdict(lambda: Statement(Counter(), Counter()))
    for pk in {*before, *after}:
        old, new = _group(watch, before.get(pk)), _group(watch, after.get(pk))
        if old is not None and inserts:
            groups[old].excess[Told(watch.stream, "delete", str(pk))] += 1
        if old is not None and old == new:
            changed = frozenset(column for column in watch.columns if before[pk][column] != after[pk][column])
            if changed:
                groups[old].changes[Told(watch.stream, "update", str(pk), changed)] += 1
            continue
        if old is not None:
            groups[old].changes[Told(watch.stream, "delete", str(pk))] += 1
        if new is not None:
            groups[new].changes[Told(watch.stream, "create", str(pk))] += 1
    return groups


def tells(changes: Sequence[Told], statements: Sequence[Statement]) -> bool:
    """Whether a group's log tells each statement's changes, once each, statement by statement."""
    if not statements:
        return not changes
    first, least = statements[0], statements[0].changes.total()
    for length in range(least, least + first.excess.total() + 1):
        run = Counter(changes[:length])
        if run >= first.changes and run - first.changes <= first.excess and tells(changes[length:], statements[1:]):
            return True
    return False


def _group(watch: Watch, row: Row | None) -> str | None:
    if row is None or any(row[column] != value for column, value in watch.only.items()):
        return None
    places = re.findall(r"\{(\w+)\}", watch.group)
    return None if any(row[place] is None for place in places) else watch.group.format_map(row)
