"""What the templates in templates/live/ are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from markupsafe import Markup

from webapp.live.roster import Person
from webapp.live.validation import FieldProblem


@dataclass(frozen=True, slots=True)
class Row:
    """For a binding's template, unless it has a context of its own: one row of the model."""

    row: Any


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """For a binding's update template: the row as it is now; of its fields only `changed` may be new."""

    row: Any
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Afresh:
    """For live/_afresh.html: all that the list `target`, a selector, shows from now on."""

    target: str
    rows: Sequence[Markup]


@dataclass(frozen=True, slots=True)
class StreamChanges:
    """What one stream has to change on a page.

    target: selector of the list; created: whole rows; replaced: element ids with their new row; updated: what changes
    on rows, as partials; deleted: element ids.
    last: the `data-key` of the row that a page which missed nothing has last. appended: of the created rows, the
    element id of each that comes after that one, in their order; empty when `last` is not known.
    """

    target: str
    last: int | None
    appended: list[str]
    created: list[Markup]
    replaced: list[tuple[str, Markup]]
    updated: list[Markup]
    deleted: list[str]


@dataclass(frozen=True, slots=True)
class FrameChanges:
    """For live/_frame.html: the changes of each stream."""

    streams: list[StreamChanges]


@dataclass(frozen=True, slots=True)
class Cursor:
    """For live/_cursor.html: where the page is now; it sends this text back when it reconnects."""

    cursor: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """For live/_resumed.html, sent once after each (re)connect, when the page is up to date."""


@dataclass(frozen=True, slots=True)
class Presence:
    """For live/_presence.html and live/_typing.html: who is in the group, and who is typing.

    count: everybody, the away ones included. people: the first of them, each with `name` and `is_away`. more: how many
    are not named. typing: names of who is typing, at most four, without the reader's own.
    """

    count: int
    people: Sequence[Person]
    more: int
    typing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """For live/_problem.html.

    reason: malformed, too_large, unknown_stream, unknown_action, bad_field, refused, flooding, failed.
    seconds: for flooding, until what was asked for can be asked for again.
    """

    reason: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """For live/_done.html, to who asked for it: an action was done.

    action: create, update, delete, or the binding's own. form: what the ids of its form start with, `<element>-<pk>`
    or, on create, `<element>-new`.
    """

    action: str
    form: str


@dataclass(frozen=True, slots=True)
class Denial:
    """For live/_denied.html, to who asked for it: an action was not done. What was typed stays where it is.

    form: as in Done. reason: invalid, stale, gone, full, usage, refused, flooding, busy, too_large, failed.
    problems: for invalid, what is wrong with which field. present: for stale, the fields as they are now.
    version: of that row, for the form. seconds: for flooding. typed: the texts that were sent for the writable fields,
    for a form that was emptied when it was sent.
    """

    form: str
    reason: str
    problems: Sequence[FieldProblem] = ()
    present: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    seconds: int = 0
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """The same for bots, without what is of no use here."""
        return {name: value for name, value in asdict(self).items() if value and name not in ("form", "typed")}


@dataclass(frozen=True, slots=True)
class Closed:
    """For live/_closed.html, before a socket is closed for good. reason: forbidden."""

    reason: str
