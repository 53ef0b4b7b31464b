"""Contexts of the templates in templates/chat/plain/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chat.access import RoomPolicy
from webapp.chat.contexts import Composer
from webapp.chat.models import Message, Room


@dataclass(frozen=True, slots=True)
class PlainPage:
    """For chat/plain/page.html.

    Attributes:
        room: The room.
        policy: The rules of the room; its `id` is None where there is no row of them.
        talk: The URL path of the frame with the talk.
        form: The URL path of the frame with the form.
    """

    room: Room
    policy: RoomPolicy
    talk: str
    form: str


@dataclass(frozen=True, slots=True)
class TalkFrame:
    """For chat/plain/frame.html: a frame with the talk in it, which is loaded again when the talk ends.

    Attributes:
        source: The URL path of what it shows.
        seconds: How long after the end it is loaded again.
    """

    source: str
    seconds: int


@dataclass(frozen=True, slots=True)
class PlainTalk:
    """For chat/plain/talk.html: the talk as far as it goes. What is said later is written after its last message.

    Attributes:
        room: The room.
        messages: The newest messages, oldest first.
        before: The id with which to ask for older messages, or None.
        own_style: The URL path of the sheet by which the visitor's own messages look different.
    """

    room: Room
    messages: Sequence[Message]
    before: int | None
    own_style: str


@dataclass(frozen=True, slots=True)
class WritePage:
    """For chat/plain/write.html: where one writes.

    Attributes:
        composer: The form.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    composer: Composer
    visitor: str


@dataclass(frozen=True, slots=True)
class NoTalk:
    """For chat/plain/none.html: a frame that cannot show the talk, or take a message.

    Attributes:
        room: The room.
        reason: Why: closed (the visitor may not see the room), or full (too many read in this way).
    """

    room: Room
    reason: str
