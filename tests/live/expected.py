"""What the log has to say of a statement, told from the table before and after it, without any SQL."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from webapp.live.changelog.log import Change
from webapp.live.changelog.watch import Watch

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


Statement = Counter[Told]
"""The changes of one statement in one group, which are in no order."""


def expected(watch: Watch, before: Table, after: Table) -> dict[str, Statement]:
    """By group: the changes of the statement that led from one table to the other."""
    groups: dict[str, Statement] = defaultdict(Counter)
    for pk in {*before, *after}:
        old, new = _group(watch, before.get(pk)), _group(watch, after.get(pk))
        if old is not None and old == new:
            changed = frozenset(column for column in watch.columns if before[pk][column] != after[pk][column])
            if changed:
                groups[old][Told(watch.stream, "update", str(pk), changed)] += 1
            continue
        if old is not None:
            groups[old][Told(watch.stream, "delete", str(pk))] += 1
        if new is not None:
            groups[new][Told(watch.stream, "create", str(pk))] += 1
    return groups


def tells(changes: Sequence[Told], statements: Sequence[Statement]) -> bool:
    """Whether a group's log tells each statement's changes, once each, statement by statement."""
    start = 0
    for statement in statements:
        end = start + statement.total()
        if Counter(changes[start:end]) != statement:
            return False
        start = end
    return start == len(changes)


def _group(watch: Watch, row: Row | None) -> str | None:
    if row is None or any(row[column] != value for column, value in watch.only.items()):
        return None
    places = re.findall(r"\{(\w+)\}", watch.group)
    return None if any(row[place] is None for place in places) else watch.group.format_map(row)
