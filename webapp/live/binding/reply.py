"""What the sender of an action is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that the sender alone gets.

    Attributes:
        template: Renders the answer for a page.
        context: What the template is given.
        data: The same for a JSON client, when the action was done.
        error: The same for a JSON client, when the action was not done; None when it was.
    """

    template: str
    context: object
    data: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
