"""What the templates in templates/live/ are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from webapp.live.roster import Person


@dataclass(frozen=True, slots=True)
class StreamChanges:
    """What one stream has to change on a page.

    target: selector of the list; created: whole rows; updated: element ids with their new row; deleted: element ids.
    """

    target: str
    created: list[Markup]
    updated: list[tuple[str, Markup]]
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

    reason: malformed, too_large, unknown_stream, unknown_action, bad_field, refused, failed.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """For live/_closed.html, before a socket is closed for good. reason: forbidden."""

    reason: str
