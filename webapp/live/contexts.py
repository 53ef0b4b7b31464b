"""Contexts of the templates in templates/live/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from markupsafe import Markup

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
class Reset:
    """For live/_reset.html: all that the list `target`, a selector, shows from now on."""

    target: str
    rows: Sequence[Markup]


@dataclass(frozen=True, slots=True)
class StreamChanges:
    """The changes of one stream on a page.

    Attributes:
        target: Selector of the list.
        last: The `data-key` of the row that a page which missed nothing has last; None: not known.
        appended: Of the created rows, the element id of each that comes after `last`, in their order; empty when
            `last` is not known.
        created: Whole rows.
        replaced: Element ids with their new row.
        updated: Partials that bring rows up to date.
        deleted: Element ids.
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
class Person:
    """A visitor in the group.

    Attributes:
        key: The same for all tabs of a browser, and no secret.
        name: The name that the visitor goes by.
        is_away: The visitor has no open page right now.
    """

    key: str
    name: str
    is_away: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """For live/_presence.html and live/_typing.html: the visitors in the group, and those who are typing.

    Attributes:
        count: How many visitors there are, the away ones included.
        people: The first of them.
        more: How many are not named.
        typing: Names of visitors who are typing, at most four, without the reader's own.
    """

    count: int
    people: Sequence[Person]
    more: int
    typing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """For live/_problem.html, to the sender of a frame that the server cannot act upon.

    Attributes:
        reason: malformed, too_large, unknown_stream, unknown_action, bad_field, refused, flooding, or failed.
        seconds: For flooding: how long the client has to wait before it asks again.
    """

    reason: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """For live/_done.html, to the sender: an action was done.

    Attributes:
        action: create, update, delete, or the binding's own.
        form: Start of the ids in the action's form, `<element>-<pk>` or, on create, `<element>-new`.
    """

    action: str
    form: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """For live/_refused.html or a binding's own, to the sender: an action was not done.

    What was typed stays where it is.

    Attributes:
        form: As in Done.
        reason: invalid, stale, gone, full, usage, refused, flooding, busy, too_large, or failed.
        problems: For invalid: what is wrong with which field.
        present: For stale: the row's fields as they are now.
        version: For stale: the version of that row, for the form.
        seconds: For flooding: how long the visitor has to wait.
        typed: The texts that were sent for the writable fields, for a form that was emptied when it was sent.
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
        """The same for JSON clients, without the parts that only a form needs."""
        return {name: value for name, value in asdict(self).items() if value and name not in ("form", "typed")}


@dataclass(frozen=True, slots=True)
class Closed:
    """For live/_closed.html, before a socket is closed for good. reason: forbidden."""

    reason: str
