"""What a browser asks for, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from webapp.live.contexts import Problem
from webapp.live.visitor import Visitor

if TYPE_CHECKING:
    from webapp.live.writer import Writer

FRAME_LIMIT = 16 * 1024
"""Bytes of UTF-8 in one inbound frame, at most."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender alone gets: a template and its context."""

    template: str
    context: object


class Refused(Exception):
    """A frame that cannot be acted upon; `reason` is one of those in `live/_problem.html`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def reply(self) -> Reply:
        """What the sender is told."""
        return Reply("live/_problem.html", Problem(self.reason))


@dataclass(frozen=True, slots=True)
class Inbound:
    """One action that a visitor asks for on one stream of one group. `pk` is None on create.

    called: to be called when the visitor has said something, with the name that it goes by.
    """

    visitor: Visitor
    group: str
    writer: Writer
    called: Callable[[str], None] = lambda name: None
    pk: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field `name`, empty when missing. Raises Refused when it is not one text that can be stored."""
        value = self.data.get(name, "")
        if not isinstance(value, str) or "\0" in value or not _is_unicode(value):
            raise Refused("bad_field")
        return value


def parse(text: str | None) -> dict[str, Any]:
    """The JSON object that an inbound frame carries. Raises Refused: malformed, too_large."""
    if text is None:
        raise Refused("malformed")
    if len(text) > FRAME_LIMIT or len(text.encode("utf-8", "replace")) > FRAME_LIMIT:
        raise Refused("too_large")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(frame, dict):
        raise Refused("malformed")
    return frame


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
