"""The context of templates/about.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.chat import Composer, Message, OwnRoom, Panel, Room
from webapp.front.models import Wave


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A room that the first page shows.

    Attributes:
        room: The room.
        messages: Its newest messages, oldest first.
        panels: The values of the room, as in RoomPage.
    """

    room: Room
    messages: Sequence[Message]
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class FirstPage:
    """For about.html.

    Attributes:
        cursor: The cursor of the page.
        live_path: The URL path of its socket, with the token that shows that this app made the page.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
        composer: The form that makes a new room with its first words.
        now: The time, for the made-up conversation.
        wave: How often visitors have waved.
        shown: The room that the deployment shows in place of the made-up conversation, or None.
        rooms: The rooms that the visitor was in, the last one first.
    """

    cursor: str
    live_path: str
    visitor: str
    composer: Composer
    now: datetime
    wave: Wave
    shown: ShownRoom | None = None
    rooms: Sequence[OwnRoom] = ()
