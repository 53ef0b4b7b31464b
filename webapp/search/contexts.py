"""Contexts of the templates in templates/search/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chat import Message, Room
from webapp.search.terms import Excerpt, Part


@dataclass(frozen=True, slots=True)
class SearchResult:
    """For search/_result.html: a message that was found.

    Attributes:
        room: The room.
        message: The message.
        text: Its text around the words that were found.
        name: The parts of its sender's name, of which some may be found.
    """

    room: Room
    message: Message
    text: Excerpt
    name: Sequence[Part]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """For search/_results.html.

    Attributes:
        room: The room.
        results: The messages that were found, newest first.
        is_asked: Something was looked for.
        older: The URL of the next results, which are older; empty: there are none.
        problem: Why nothing was looked for: too_long, not_a_day, or flooding; empty: there is no problem.
        limit: For too_long: the characters allowed.
        seconds: For flooding: how long the visitor has to wait.
    """

    room: Room
    results: Sequence[SearchResult] = ()
    is_asked: bool = False
    older: str = ""
    problem: str = ""
    limit: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class SearchPage:
    """For search/page.html.

    Attributes:
        room: The room.
        asked: What the boxes have: `q`, `by`, `since`, `until` and `links`.
        found: The results.
    """

    room: Room
    asked: SearchFields
    found: SearchResults


@dataclass(frozen=True, slots=True)
class SearchFields:
    """What a visitor typed into the form of a search.

    Attributes:
        q: The words.
        by: The name.
        since: The first day.
        until: The last day.
        links: Messages with a link alone are looked for.
    """

    q: str = ""
    by: str = ""
    since: str = ""
    until: str = ""
    links: bool = False

    @property
    def has_more(self) -> bool:
        """Whether any box but that of the words has something."""
        return bool(self.by or self.since or self.until or self.links)
