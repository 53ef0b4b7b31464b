"""What a visitor typed into a composer."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from webapp.live.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Draft:
    """A filled-in composer.

    Attributes:
        handle: The name in its box, maybe empty.
        message: The text.
        nonce: The form's, or empty.
        in_lines: The visitor typed the text into the box of several lines.
    """

    handle: str
    message: str
    nonce: str
    in_lines: bool = False

    def idempotency_key(self, visitor: Visitor, text: str) -> str | None:
        """The key under which `text` is stored once, however often this form sends it; None without a nonce."""
        # The text belongs to it: what is typed before the next nonce has arrived is another message, not a repeat.
        # The visitor belongs to it too, so nobody can use up another visitor's nonce.
        if not self.nonce:
            return None
        return hashlib.sha256("\0".join((visitor.id, self.nonce, text)).encode()).hexdigest()[:32]


def new_nonce() -> str:
    """A nonce for one form."""
    return secrets.token_urlsafe(9)
