"""The names under which a room's rows know visitors and networks. They link no two rooms, and lead back to nobody."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from webapp.live.visitor import Visitor

_KEPT = 4096

OPERATOR = "operator"
"""The group of the operator's page. No other page, and no client, can name it."""

LISTING = "listing"
"""The group of the page of public rooms."""


@lru_cache(_KEPT)
def visitor_key(room_id: int, visitor_id: str) -> str:
    """Return the key of a visitor in a room: 128 bits, as 32 hexadecimal digits.

    A visitor's id is a random secret of 96 bits, so the hash needs no key of the deployment: an owner stays the owner
    when that one changes.
    """
    return _hash("visitor", str(room_id), visitor_id)


def network_key(room_id: int, visitor: Visitor) -> str:
    """Return the key of a visitor's network in a room, of the same form; empty: the network is not known."""
    return _network_key(room_id, visitor.network_key)


def door_group(room_id: int, visitor: str) -> str:
    """Return the group of the pages on which a visitor waits to be let in, given the visitor's key."""
    return f"door:{room_id}:{visitor}"


def owners_group(room_id: int) -> str:
    """Return the group of those who look after a room, who read who waits at its door."""
    return f"owners:{room_id}"


@lru_cache(_KEPT)
def _network_key(room_id: int, network: str) -> str:
    return _hash("network", str(room_id), network) if network else ""


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
