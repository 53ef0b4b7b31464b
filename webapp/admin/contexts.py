"""Contexts of the templates in templates/admin/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chat import Room
from webapp.chat.access import MessageReport, RoomBan


@dataclass(frozen=True, slots=True)
class AdminDoor:
    """For admin/door.html: the question for the token.

    Attributes:
        refusal: Why the operator was not let in just now: wrong or flooding; empty: nobody tried.
    """

    refusal: str


@dataclass(frozen=True, slots=True)
class BusyRoom:
    """A room in which somebody spoke lately.

    Attributes:
        room: The room.
        messages: How many of the newest messages were said in it.
    """

    room: Room
    messages: int


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A background task.

    Attributes:
        name: Its name, and what it is about.
        ago: Seconds since it last began; None: it never did.
        error: Why it failed; empty: it did not.
    """

    name: str
    ago: int | None
    error: str


@dataclass(frozen=True, slots=True)
class AdminPage:
    """For admin/page.html.

    Attributes:
        cursor: The cursor of the page.
        live_path: The URL path of its socket.
        reports: The newest reports, oldest first.
        busy: The rooms in which most was said lately.
        rooms: The newest rooms, the last one first.
        bans: The newest bans, oldest first.
        tasks: The background tasks.
        limits: The limits in force, by the names of their settings; an empty text: no limit.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    cursor: str
    live_path: str
    reports: Sequence[MessageReport]
    busy: Sequence[BusyRoom]
    rooms: Sequence[Room]
    bans: Sequence[RoomBan]
    tasks: Sequence[TaskLine]
    limits: Sequence[tuple[str, str]]
    visitor: str
