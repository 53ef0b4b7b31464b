"""Contexts of the templates in templates/chat/."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.chat.access import RoomMember, RoomPolicy
from webapp.chat.models import Message, Room
from webapp.live.contexts import Refusal


@dataclass(frozen=True, slots=True)
class MessageRefusal:
    """Why a message was not said; chat/_reason.html has the words.

    Attributes:
        reason: blank, too_long, handle_too_long, flooding, slow, locked, work, links, closed, busy, failed, gone,
            command, usage, help, unknown_command, too_large, or bad.
        limit: For the two lengths: the characters allowed.
        seconds: For flooding and slow: how long the visitor has to wait.
        of_command: For command: the refusal of the extension's binding.
        words: For command: the template that explains it, given a Refusal.
        typed: For unknown_command and usage: the word that the visitor wrote.
        commands: For unknown_command and help: the words of all commands.
        usages: For unknown_command and help: templates that show how to write a command, by word; some have none.
        nearest: For unknown_command: the command that the visitor may mean, or None.
    """

    reason: str
    limit: int | None = None
    seconds: int | None = None
    of_command: Refusal | None = None
    words: str = "live/_refusal.html"
    typed: str = ""
    commands: Sequence[str] = ()
    usages: Mapping[str, str] = field(default_factory=dict)
    nearest: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The same for JSON clients."""
        of_command = self.of_command.data if self.of_command else {}
        told = ("reason", "limit", "seconds", "commands", "nearest")
        return {name: value for name in told if (value := getattr(self, name))} | of_command


@dataclass(frozen=True, slots=True)
class Composer:
    """The form that a visitor writes messages in; chat/_composer.html shows it.

    Attributes:
        path: The URL path that the form posts to.
        handle: The name in its box, maybe empty.
        guest: The name of a visitor who leaves the box empty.
        nonce: The form's idempotency key, with which a message that is sent twice is written once.
        text: The text that the visitor typed before a refusal, or before the page was loaded again.
        refusal: Why the text was not said, or None.
        in_lines: The text belongs into the box of several lines.
        reply: The message that the visitor replies to, or None.
    """

    path: str
    handle: str
    guest: str
    nonce: str
    text: str = ""
    refusal: MessageRefusal | None = None
    in_lines: bool = False
    reply: Message | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """The part of a room's header that another feature shows.

    Attributes:
        template: The template, given `rows`.
        rows: The rows that it shows.
    """

    template: str
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """The messages of a room that came since a visitor left it.

    Attributes:
        first: The id of the first message.
        count: How many there are, 1,000 at most.
    """

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class OwnRoom:
    """A room that a visitor was in.

    Attributes:
        room: The room.
        unread: How many messages came since the visitor left, 1,000 at most.
    """

    room: Room
    unread: int


@dataclass(frozen=True, slots=True)
class RoomPage:
    """For chat/room.html.

    Attributes:
        room: The room.
        messages: The newest messages, oldest first.
        before: The id with which to ask for older messages, or None.
        cursor: The cursor of the page, for the form of chat/_wiring.html.
        composer: The form.
        refresh: Seconds after which a page without scripts loads itself again; None while the visitor writes on it.
        panels: The parts of the room's header that other features show.
        tips: Templates of the hints that other features show in an empty room.
        live_path: The URL path of its socket, with the token that shows that this app made the page.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
        own_style: The URL path of the sheet by which the visitor's own messages look different.
        policy: The rules of the room; its `id` is None where there is no row of them.
        may_moderate: The visitor looks after the room.
        knocks: Who waits to be let in, for whoever looks after the room.
        link: The URL of the page, for other people.
        is_gone: The page was to lead to a message that is not there.
        unread: What was said since the visitor was here last, or None.
    """

    room: Room
    messages: Sequence[Message]
    before: int | None
    cursor: str
    composer: Composer
    refresh: int | None
    panels: Sequence[Panel] = ()
    tips: Sequence[str] = ()
    live_path: str = ""
    visitor: str = ""
    own_style: str = ""
    policy: RoomPolicy = field(default_factory=RoomPolicy)
    may_moderate: bool = False
    knocks: Sequence[RoomMember] = ()
    link: str = ""
    is_gone: bool = False
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class DoorPage:
    """For chat/door.html: the visitor may not see the room.

    Attributes:
        path: The URL path of the room.
        closed: Why: banned, passphrase, private, waiting or turned_away.
        asks_passphrase: Whoever knows the passphrase may come in.
        asks_admission: The visitor can ask to be let in.
        refusal: Why the visitor was not let in just now: wrong or flooding; empty: the visitor did not try.
        seconds: For flooding: how long the visitor has to wait.
        handle: The name in its box, maybe empty.
        guest: The name of a visitor who leaves the box empty.
        request: The visitor's request to be let in, or None.
        cursor: The cursor of the page; empty: the visitor does not wait.
        live_path: The URL path of the page's socket; empty: the visitor does not wait.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    path: str
    closed: str
    asks_passphrase: bool
    asks_admission: bool
    refusal: str
    seconds: int
    handle: str
    guest: str
    request: RoomMember | None
    cursor: str
    live_path: str
    visitor: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """For chat/_entry.html, as a part of the feed of a room.

    Attributes:
        message: The message.
    """

    message: Message


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """For chat/_closed.html, to a page of a room that its visitor may not see any more.

    Attributes:
        reason: As in Closed.
    """

    reason: str = "forbidden"


@dataclass(frozen=True, slots=True)
class MessagePage:
    """For chat/message.html: one message, and what its reader may do with it.

    Attributes:
        room: The room.
        message: The message.
        reactions: As in MessageMenu.
        may_reply: The reader may say something in the room.
        may_edit: The reader said it, and may change it.
        is_too_late: The reader said it, and could have changed it before.
        may_delete: The reader may delete it.
        may_ban: The reader may keep out who said it.
        may_report: The reader may report it to the operator.
        was_reported: The reader has just done so.
        knows_network: The network of who said it is known, so a ban can be about it as well.
        text: The text in the box for an edit.
        refusal: Why an edit was not done, or None.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
        own_style: The URL path of the sheet by which the visitor's own messages look different.
        link: The URL that leads to it in the room, for other people.
    """

    room: Room
    message: Message
    reactions: Reactions | None
    may_reply: bool
    may_edit: bool
    is_too_late: bool
    may_delete: bool
    may_ban: bool
    may_report: bool
    was_reported: bool
    knows_network: bool
    text: str
    refusal: MessageRefusal | None
    visitor: str
    own_style: str
    link: str


@dataclass(frozen=True, slots=True)
class Reactions:
    """For chat/_reactions.html: the emoji by which one can react to a message.

    Attributes:
        path: The URL path that the form posts to.
        counts: How many visitors reacted so far, by emoji, in the order of the first ones.
        own: The emoji by which the reader reacted.
        refusal: Why the last one was not taken: not_emoji, full, flooding or busy; empty: there is no reason.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    path: str
    counts: Mapping[str, int]
    own: Collection[str]
    refusal: str = ""
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class MessageMenu:
    """For chat/_menu.html: what one can do with a message, in the room.

    Attributes:
        room: The room.
        message: The message.
        reactions: The emoji by which one can react; None: the reader may not say anything in the room.
        may_reply: The reader may say something in the room.
        link: As in MessagePage.
    """

    room: Room
    message: Message
    reactions: Reactions | None
    may_reply: bool
    link: str


@dataclass(frozen=True, slots=True)
class Replying:
    """For chat/_replying.html: the message that the next one replies to.

    Attributes:
        room: The room.
        reply: The message.
    """

    room: Room
    reply: Message


@dataclass(frozen=True, slots=True)
class WorkPage:
    """For chat/work.html: the small computation that a room asks for.

    Attributes:
        path: The URL path of the room.
        challenge: What to compute, as JSON for the element `altcha-widget`.
        failed: The last result was wrong, or came too late.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    path: str
    challenge: str
    failed: bool
    visitor: str


@dataclass(frozen=True, slots=True)
class Log:
    """For chat/_log.html and chat/_reset.html: a room's newest messages, as in RoomPage."""

    room: Room
    messages: Sequence[Message]
    before: int | None
    tips: Sequence[str] = ()
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class History:
    """For chat/_history.html and chat/history.html: messages that are not the newest ones.

    Attributes:
        room: The room.
        messages: The messages, oldest first.
        before: The id with which to ask for older messages, or None.
        after: The id with which to ask for newer messages, or None.
    """

    room: Room
    messages: Sequence[Message]
    before: int | None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class MessageContext:
    """For chat/_message.html.

    Attributes:
        message: The message: its `id`, its `handle`, which is the name, its `message`, which is the text, and its
            `timestamp`.
    """

    message: Message


@dataclass(frozen=True, slots=True)
class Accepted:
    """For chat/_accepted.html: the message is committed, and the form gets a new nonce.

    Attributes:
        nonce: The new nonce, as in Composer.
        reply_to: The id of the message that it replies to; None: it is no reply.
    """

    nonce: str
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """For chat/_said.html, to a page that posted a message: a new nonce, and the room as in RoomPage.

    Attributes:
        nonce: The new nonce, as in Composer.
        reply_to: As in Accepted.
    """

    nonce: str
    room: Room
    messages: Sequence[Message]
    before: int | None
    tips: Sequence[str] = ()
    unread: Unread | None = None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class DraftKept:
    """For live/_nothing.html: the server keeps a draft, and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """For chat/_refused.html: a message that was not said, and why; its text goes back into its box.

    Attributes:
        refusal: Why.
        text: The text that the visitor typed.
        nonce: The form's, unchanged. If the message was written after all, a second try does not repeat it.
        in_lines: The text belongs into the box of several lines.
        is_kept: The page did not empty the box, so it still has the text.
    """

    refusal: MessageRefusal
    text: str
    nonce: str
    in_lines: bool = False
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Switched:
    """For chat/_switched.html: the text that the visitor typed, for the box that replaces the other one.

    Attributes:
        text: The text.
        in_lines: The new box is the one of several lines.
    """

    text: str
    in_lines: bool
