"""What the form of a search asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from starlette.datastructures import QueryParams

from webapp.live.validation import cleaned
from webapp.live.visitor import NAME_LIMIT
from webapp.search.terms import Term, terms_of

TEXT_LIMIT = 200
"""Characters of the text that is looked for, at most."""

FIRST, LAST = date(1970, 1, 1), date(9999, 12, 30)
"""The days that a search may begin and end with."""


class Asked(NamedTuple):
    """A search in a room. Every part of it narrows it.

    Attributes:
        terms: What a message must have.
        by: What the name of its sender must have.
        since: When it was said, at the earliest; None: at any time.
        until: Before when it was said; None: at any time.
        links: It has a link.
    """

    terms: list[Term]
    by: list[Term]
    since: datetime | None
    until: datetime | None
    links: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not any(self)


class NotAsked(ValueError):
    """A field of the form cannot be used.

    Attributes:
        reason: too_long, or not_a_day.
        limit: For too_long: the characters allowed.
    """

    def __init__(self, reason: str, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


def asked_by(query: QueryParams) -> Asked:
    """Return the search that the fields of a URL ask for: `q`, `by`, `since`, `until` and `links`.

    Raises:
        NotAsked: A field cannot be used.
    """
    until = _day(query.get("until", ""))
    return Asked(
        terms_of(_text(query.get("q", ""), TEXT_LIMIT)),
        # A name is indexed by its words alone, also in a script that puts no space between them.
        [term._replace(is_unspaced=False) for term in terms_of(_text(query.get("by", ""), NAME_LIMIT))],
        _day(query.get("since", "")),
        None if until is None else until + timedelta(days=1),
        bool(query.get("links")),
    )


def _text(text: str, limit: int) -> str:
    if len(text) > limit:
        raise NotAsked("too_long", limit)
    return cleaned(text)


def _day(text: str) -> datetime | None:
    """Return the beginning of a day, in UTC; None: no day is given."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise NotAsked("not_a_day") from error
    if not FIRST <= day <= LAST:
        raise NotAsked("not_a_day")
    return datetime.combine(day, time(), UTC)
