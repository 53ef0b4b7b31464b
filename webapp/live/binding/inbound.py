"""One action that a visitor asks for, with what it takes to do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tortoise.models import Model

from webapp.live.binding.refusal import Refused
from webapp.live.validation import is_storable
from webapp.live.visitor import Visitor
from webapp.live.writing import Writer


def _ignore(name: str) -> None:
    """Tell nobody that a visitor has said something."""


def _admit(low_cost: bool) -> int:
    return 0


def _in_no_group(row: Model) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One action that a visitor asks for on one stream of one group.

    Attributes:
        visitor: The sender.
        group: The group of the sender's page.
        writer: Commits what the action changes.
        pk: The primary key that was sent, as text; None on create.
        data: The fields that were sent: a form's texts or, when `strict`, JSON values.
        version: The version of the row that the sender's form showed; empty when the sender does not care.
        strict: `data` holds nothing but the model's fields, so any other field is an error.
        admit: Counts one more action of the visitor against the rate limit (True: a low-cost one), and returns the
            seconds that the visitor has to wait first; 0: none.
        groups_of: Returns every group that a row belongs to.
        on_message_sent: Called when the visitor has said something, with the name that it goes by.
    """

    visitor: Visitor
    group: str
    writer: Writer
    pk: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    strict: bool = False
    admit: Callable[[bool], int] = _admit
    groups_of: Callable[[Model], Iterable[str]] = _in_no_group
    on_message_sent: Callable[[str], None] = _ignore

    def text(self, name: str) -> str:
        """Return the field `name`, empty when it was not sent.

        Raises:
            Refused: The field is not one text that every database can store.
        """
        value = self.data.get(name, "")
        if not isinstance(value, str) or not is_storable(value):
            raise Refused("bad_field")
        return value
