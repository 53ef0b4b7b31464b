"""The content of a composer, and its idempotency key."""

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
        nonce: The nonce of the form, or empty.
        in_lines: The visitor typed the text into the box of several lines.
        reply_to: The id of the message that it replies to; None: it is no reply.
    """

    handle: str
    message: str
    nonce: str
    in_lines: bool = False
    reply_to: int | None = None

    def idempotency_key(self, visitor: Visitor, text: str) -> str | None:
        """Return the key with which `text` is written once, though the form may send it often; None: no nonce."""
        # If the text were not in the key, another message before the next nonce arrives would be taken for a repeat.
        # If the visitor were not in it, somebody could use up another visitor's nonce.
        if not self.nonce:
            return None
        return hashlib.sha256("\0".join((visitor.id, self.nonce, text)).encode()).hexdigest()[:32]


def new_nonce() -> str:
    """Return a nonce for one form."""
    return secrets.token_urlsafe(9)
