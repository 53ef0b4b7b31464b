"""One action that a visitor asks for, with everything that a binding needs to do it."""

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
    """Ignore that a visitor has sent a message."""


def _admit(low_cost: bool) -> int:
    return 0


def _unmarked(visitor: Visitor) -> str:
    return ""


def _in_no_group(row: Model) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One action that a visitor asks for on one stream of one group.

    Attributes:
        visitor: The sender.
        group: The group of the sender's page.
        writer: Commits the changes of the action.
        pk: The primary key that the client sent, as text; None for create.
        data: The fields that the client sent: the texts of a form or, when `strict`, JSON values.
        version: The row version that the sender's form showed; empty: the sender accepts any version.
        strict: Whether `data` holds only the model's fields, so that any other field is an error.
        admit: Counts one more action of the visitor against the rate limit, and returns the seconds that the visitor
            has to wait first, or 0. Its argument is whether the action is a low-cost one.
        mark: Returns the mark in `group` of the visitor under the name that it goes by, as `Visitor.named` returns it;
            only the server can make it.
        groups_of: Returns all groups that a row belongs to.
        on_message_sent: Called when the visitor has sent a message, with the visitor's name.
    """

    visitor: Visitor
    group: str
    writer: Writer
    pk: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    strict: bool = False
    admit: Callable[[bool], int] = _admit
    mark: Callable[[Visitor], str] = _unmarked
    groups_of: Callable[[Model], Iterable[str]] = _in_no_group
    on_message_sent: Callable[[str], None] = _ignore

    def text(self, name: str) -> str:
        """Return the field `name`; empty when the client did not send it.

        Raises:
            Refused: The field is not a single text, or a database could not store it.
        """
        value = self.data.get(name, "")
        if not isinstance(value, str) or not is_storable(value):
            raise Refused("bad_field")
        return value
