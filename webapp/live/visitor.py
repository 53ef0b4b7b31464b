"""The visitor: an anonymous browser, without an account."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

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
        network: The network that the visitor comes from, an IPv4 address or 64 bits of an IPv6 one; empty: unknown.
            Limits count by it as well, because a client that drops its cookie is a new visitor each time.
        network_key: The network's keyed hash, for what is stored, so that no database holds an address.
    """

    id: str
    guest: str
    handle: str = ""
    network: str = field(default="", compare=False)
    network_key: str = field(default="", compare=False)
