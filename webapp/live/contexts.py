"""The contexts of the templates in templates/live/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from markupsafe import Markup

from webapp.live.validation import FieldProblem


@dataclass(frozen=True, slots=True)
class Row:
    """For a binding's template, unless the binding has a context of its own.

    Attributes:
        row: The row, an instance of the model.
    """

    row: Any


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """For a binding's update template.

    Attributes:
        row: The row as it is now.
        changed: The fields that may be new. All others are as the page shows them.
    """

    row: Any
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reset:
    """For live/_reset.html: the whole list, in place of the rows that the page shows.

    Attributes:
        target: Selector of the list.
        rows: The rows' elements, in their order.
    """

    target: str
    rows: Sequence[Markup]


@dataclass(frozen=True, slots=True)
class StreamChanges:
    """The changes of one stream on a page.

    Attributes:
        target: Selector of the list.
        last: The `data-key` of the last row on a page that missed nothing; None: not known.
        appended: The element ids of the created rows that come after `last`, in their order; empty when `last` is not
            known.
        created: The elements of the created rows.
        replaced: Pairs of an element id and the row's new element.
        updated: Partials that bring rows up to date.
        deleted: The element ids of the deleted rows.
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
    """For live/_frame.html.

    Attributes:
        streams: The changes, by stream.
    """

    streams: list[StreamChanges]


@dataclass(frozen=True, slots=True)
class Cursor:
    """For live/_cursor.html.

    Attributes:
        cursor: The page's new cursor, an opaque text. The page sends it back when it reconnects.
    """

    cursor: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """For live/_resumed.html. The server sends it once after each (re)connect, when the page is up to date."""


@dataclass(frozen=True, slots=True)
class Person:
    """A visitor in the group.

    Attributes:
        key: Identifies the visitor; the same for all tabs of a browser, and no secret.
        name: The name that the visitor goes by.
        is_away: Whether the visitor has no open page right now.
    """

    key: str
    name: str
    is_away: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """For live/_presence.html and live/_typing.html: the visitors in the group, and those who are typing.

    Attributes:
        count: Number of visitors, including those who are away.
        people: The visitors that the page names.
        more: Number of visitors that the page does not name.
        typing: Names of visitors who are typing, at most four, without the reader's own.
    """

    count: int
    people: Sequence[Person]
    more: int
    typing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """For live/_problem.html, which tells the sender that the server cannot act upon its frame.

    Attributes:
        reason: malformed, too_large, unknown_stream, unknown_action, bad_field, refused, flooding, or failed.
        seconds: For flooding: seconds that the client has to wait before it asks again.
    """

    reason: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """For live/_done.html, which tells the sender that the server did an action.

    Attributes:
        action: create, update, delete, or the binding's own.
        form: Start of the ids in the action's form, `<element>-<pk>` or, for create, `<element>-new`.
    """

    action: str
    form: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """For live/_refused.html or a binding's own, which tells the sender that the server did not do an action.

    The texts in the form stay there.

    Attributes:
        form: As in Done.
        reason: invalid, stale, gone, full, usage, refused, flooding, busy, too_large, or failed.
        problems: For invalid: the problem of each field that does not fit.
        present: For stale: the row's fields as they are now.
        version: For stale: the row version of `present`, for the form.
        seconds: For flooding: seconds that the visitor has to wait.
        typed: The texts that the client sent for the writable fields. A form that was emptied when it was sent gets
            them back.
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
        """The refusal for JSON clients, without the parts that only a form needs."""
        return {name: value for name, value in asdict(self).items() if value and name not in ("form", "typed")}


@dataclass(frozen=True, slots=True)
class Closed:
    """For live/_closed.html. The server sends it before it closes a socket for good.

    Attributes:
        reason: forbidden; or origin: a page of another site, or one whose address a proxy changes, opened the socket.
    """

    reason: str
