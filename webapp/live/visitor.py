"""The visitor: an anonymous browser, without an account."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Self

from webapp.live.validation import name_and_secret

NAME_LIMIT = 40
"""Characters in a visitor's name, at most."""

visitor_of_task: ContextVar[str] = ContextVar("visitor_of_task", default="")
"""The id of the visitor that the current task serves, for lines of the log; empty where it serves none."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """An anonymous browser, known by a signed cookie.

    Attributes:
        id: A random secret.
        guest: The name that the server offered the visitor.
        handle: The name that the visitor last chose; empty when there is none.
        alias: What the visitor is known by where it has given its name with a secret, as in `Ann#tiger`; empty: it has
            not. Whoever gives the same name and secret on another device has the same.
        worked_until: Until when, in seconds since 1970, a computation counts that the visitor's browser has done.
        network: The network that the visitor comes from, an IPv4 address or 64 bits of an IPv6 one; empty: unknown.
            Limits count by it as well, because a client that drops its cookie is a new visitor each time.
        network_key: The network's keyed hash, for what is stored, so that no database holds an address.
    """

    id: str
    guest: str
    handle: str = ""
    alias: str = ""
    worked_until: int = field(default=0, compare=False)
    network: str = field(default="", compare=False)
    network_key: str = field(default="", compare=False)

    @property
    def identity(self) -> str:
        """What the visitor's marks are made from."""
        return self.alias or self.id

    def named(self, text: str) -> Self:
        """Return the visitor as it calls itself in `text`: a name, or a name, a `#` and a secret; maybe nothing."""
        name, secret = name_and_secret(text)
        if not secret:
            return replace(self, handle=name)
        # An id has no `#`, so no alias is the id of another visitor.
        alias = "#" + hashlib.sha256("\0".join((name.casefold(), secret)).encode()).hexdigest()[:32]
        return replace(self, handle=name, alias=alias)
