"""Contexts of the templates in templates/listing/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chat.access import RoomPolicy


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """For listing/_room.html: a public room.

    Attributes:
        row: The rules of the room, with its topic.
        label: The room's label, which is also its name.
    """

    row: RoomPolicy
    label: str


@dataclass(frozen=True, slots=True)
class ListingPage:
    """For listing/page.html.

    Attributes:
        rooms: The public rooms.
        cursor: The cursor of the page.
        live_path: The URL path of its socket, with the token that shows that this app made the page.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    rooms: Sequence[ListedRoom]
    cursor: str
    live_path: str
    visitor: str
