"""What a visitor asks for, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tortoise.models import Model

from webapp.live.contexts import Denial, Problem
from webapp.live.texts import is_storable
from webapp.live.visitor import Visitor

if TYPE_CHECKING:
    from webapp.live.writer import Writer

FRAME_LIMIT = 16 * 1024
"""Bytes of UTF-8 in one inbound frame, at most."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender alone gets: a template and its context, or the same as data. `error`: that it was not done."""

    template: str
    context: object
    data: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None


class Refused(Exception):
    """What cannot be acted upon; `reason` is one of those in `live/_problem.html`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def reply(self) -> Reply:
        """What the sender is told."""
        return Reply("live/_problem.html", Problem(self.reason), error={"reason": self.reason})


class Denied(Refused):
    """An action that was understood and not done, which is told beside its form by `template`."""

    def __init__(self, denial: Denial, template: str = "live/_denied.html") -> None:
        super().__init__(denial.reason)
        self.denial = denial
        self.template = template

    @property
    def reply(self) -> Reply:
        """What the sender is told."""
        return Reply(self.template, self.denial, error=self.denial.data)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One action that a visitor asks for on one stream of one group. `pk` is None on create.

    called: to be called when the visitor has said something, with the name that it goes by.
    version: of the row that its form showed, empty when it does not care. strict: `data` holds nothing but the
    model's fields, so that any other is an error. admit: counts one more (a light one, maybe), and gives the seconds
    that the visitor has to wait first. groups_of: every group that a row is in.
    """

    visitor: Visitor
    group: str
    writer: Writer
    called: Callable[[str], None] = lambda name: None
    pk: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    strict: bool = False
    admit: Callable[[bool], int] = lambda light: 0
    groups_of: Callable[[Model], Iterable[str]] = lambda row: ()

    def text(self, name: str) -> str:
        """The field `name`, empty when missing. Raises Refused when it is not one text that can be stored."""
        value = self.data.get(name, "")
        if not isinstance(value, str) or not is_storable(value):
            raise Refused("bad_field")
        return value


def parse(text: str | None, limit: int = FRAME_LIMIT) -> dict[str, Any]:
    """The JSON object that an inbound frame of `limit` bytes at most carries. Raises Refused: malformed, too_large."""
    if text is None:
        raise Refused("malformed")
    if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
        raise Refused("too_large")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(frame, dict):
        raise Refused("malformed")
    return frame
