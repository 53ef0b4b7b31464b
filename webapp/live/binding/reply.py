"""The reply to the sender of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that only the sender gets.

    Attributes:
        template: The template of the answer for a page.
        context: The template's context.
        data: The answer for a JSON client, if the server did the action.
        error: The answer for a JSON client, if the server refused the action; None otherwise.
    """

    template: str
    context: object
    data: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
