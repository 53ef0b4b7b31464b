"""What the templates in templates/chat/ are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.chat.models import Message, Room
from webapp.live.contexts import Denial


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not said; chat/_reason.html has the words.

    reason: blank, too_long, handle_too_long, flooding, busy, failed, gone, command, unknown_command, too_large, bad.
    limit: characters allowed, for the lengths. seconds: how long to wait, for flooding. denial: for a command,
    why it was not done. For unknown_command: typed, the word that was written, commands, the words that there are,
    and nearest, the one that may be meant, or None.
    """

    reason: str
    limit: int | None = None
    seconds: int | None = None
    denial: Denial | None = None
    typed: str = ""
    commands: Sequence[str] = ()
    nearest: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The same for bots."""
        of_command = self.denial.data if self.denial else {}
        told = ("reason", "limit", "seconds", "commands", "nearest")
        return {name: value for name in told if (value := getattr(self, name))} | of_command


@dataclass(frozen=True, slots=True)
class Composer:
    """For chat/_composer.html.

    path: where the form posts to. handle: the name in its box, maybe empty. guest: the name that an empty box means.
    nonce: makes saying the same twice by accident saying it once. text: what was typed, after a refusal, or to go on
    with. in_lines: it was typed in the box of several lines, and goes back there.
    """

    path: str
    handle: str
    guest: str
    nonce: str
    text: str = ""
    refusal: Refusal | None = None
    in_lines: bool = False


@dataclass(frozen=True, slots=True)
class RoomPage:
    """For chat/room.html.

    messages: oldest first. before: the id that older messages are asked for with, or None. cursor: where the page is;
    it goes into the form of chat/_wiring.html. refresh: seconds after which a page without scripts loads itself
    again, or None while somebody writes on it. slots: the partials that features show in the bar, which find all of
    this. values: the room's live values, for one of them.
    live_path: the URL path of its socket, with what shows that this page is ours.
    visitor: says to the server whose page this is, signed; for hidden fields only.
    """

    room: Room
    messages: Sequence[Message]
    before: int | None
    cursor: str
    composer: Composer
    refresh: int | None
    slots: Sequence[str] = ()
    values: Sequence[Any] = ()
    live_path: str = ""
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """For chat/_log.html and chat/_afresh.html: a room's newest messages, as in RoomPage."""

    room: Room
    messages: Sequence[Message]
    before: int | None


@dataclass(frozen=True, slots=True)
class History:
    """For chat/_history.html and chat/history.html: older messages, as in RoomPage."""

    room: Room
    messages: Sequence[Message]
    before: int | None


@dataclass(frozen=True, slots=True)
class MessageContext:
    """For chat/_message.html."""

    message: Message


@dataclass(frozen=True, slots=True)
class Accepted:
    """For chat/_accepted.html: what was said is kept; the form gets a new nonce."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Said:
    """For chat/_said.html, to a page that posted a message: a new nonce, and the room as in RoomPage."""

    nonce: str
    room: Room
    messages: Sequence[Message]
    before: int | None


@dataclass(frozen=True, slots=True)
class DraftKept:
    """For live/_nothing.html: a draft is kept, and nobody needs to be told."""


@dataclass(frozen=True, slots=True)
class Refused:
    """For chat/_refused.html: what was not said, and why.

    The text goes back into its box, the one of several lines when in_lines, if that is still empty. is_kept: the box
    was not emptied.
    """

    refusal: Refusal
    text: str
    nonce: str
    in_lines: bool = False
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Switched:
    """For chat/_switched.html: what was typed, for the box that took the other's place. in_lines: as in Composer."""

    text: str
    in_lines: bool
