"""The stream `chat`: messages, bound to the pages of their rooms."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from webapp.chat.access import KeptRules
from webapp.chat.commands import asked, nearest, unescaped
from webapp.chat.composer import draft_of
from webapp.chat.contexts import Accepted, DraftKept, Log, MessageContext, MessageRefusal
from webapp.chat.draft import Draft, new_nonce
from webapp.chat.drafts import Drafts
from webapp.chat.extensions import RoomExtension, tips_of
from webapp.chat.lookalikes import Names
from webapp.chat.models import FIELDS, PAGE, Message, Room, Stretch
from webapp.chat.permission import refusal_of, require_may_change, slow_seconds
from webapp.chat.refusal import MessageRefused
from webapp.chat.saying import say
from webapp.chat.sayings import SAYINGS, Saying
from webapp.live.binding import ActionRefused, Binding, Inbound, Refused, Render, Reply
from webapp.live.contexts import Refusal
from webapp.live.fanout import without_broken
from webapp.live.validation import FieldProblem, is_storable, shown
from webapp.live.visitor import Visitor

logger = logging.getLogger(__name__)

TYPED = ("handle", "message", "lines", "nonce")
"""The fields of a message that are texts."""

SAID = (*TYPED, "reply_to")
"""The fields of the form, or of the JSON, with which a visitor sends a message."""


HELP = "help"
"""The command that tells which commands there are."""

OWN_USAGE = "chat/_usage.html"
"""The template that shows how the commands of the chat itself are written."""


class MessageBinding(Binding[Message]):
    """The stream `chat`: every visitor of a room reads its messages, and may write one.

    Args:
        extensions: The additions of other features to rooms.
        kept: Keeps the rules of the rooms that this process follows.

    Attributes:
        drafts: The drafts that this process keeps.
    """

    model = Message
    stream = "chat"
    group = "room:{room_id}"
    fields = FIELDS
    template = "chat/_message.html"
    update_template = "chat/_message_update.html"
    target = "#chat"
    element = "message"
    window = PAGE

    writable = ("handle", "message")
    actions = ("create",)

    def __init__(self, extensions: Sequence[RoomExtension] = (), kept: KeptRules | None = None) -> None:
        self._kept = kept or KeptRules()
        self._commands = {word: one for one in extensions for word in one.commands}
        self._tips = tips_of(extensions)
        self._additions = [(one.binding.stream, one.additions) for one in extensions if one.additions is not None]
        self._names = Names()
        self.drafts = Drafts()

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        """Return whether `visitor` may see the room."""
        rules = await self._kept.of(self.room_id(group))
        return not rules.restrict_somebody or rules.standing_of(visitor).may_see

    async def require_may_change(self, binding: Binding[Any], action: object, inbound: Inbound) -> None:
        """Check that a visitor may change rows of another feature in the room.

        Raises:
            ActionRefused: The visitor may not.
        """
        require_may_change(await self._kept.of(self.room_id(inbound.group)), binding, action, inbound)

    def context(self, row: Message) -> MessageContext:
        """Return the context of a message."""
        return MessageContext(row)

    async def complete(self, rows: Sequence[Message]) -> None:
        """Load the rows of other features that these messages show. Only a message with a link has any."""
        # If this asked for every message, each frame would wait for one more query.
        linked = {row.id: row for row in rows if "://" in row.message}
        if not linked:
            return
        for row in linked.values():
            row.additions = {}
        for stream, load in self._additions:
            for pk, row in (await load(linked)).items():
                linked[pk].additions = {**linked[pk].additions, stream: row}

    async def page(self, room: Room, before: int | None = None) -> Stretch:
        """Return the same as `Room.page`, with what the messages show of other features."""
        stretch = await room.page(before)
        await self.complete(stretch.messages)
        return stretch

    async def around(self, room: Room, pk: int, above: int, below: int) -> Stretch:
        """Return the same as `Room.around`, with what the messages show of other features."""
        stretch = await room.around(pk, above, below)
        await self.complete(stretch.messages)
        return stretch

    async def reset(self, group: str, render: Render) -> str:
        """Return the HTML that replaces the page's list by the room's newest messages."""
        room = await Room.get_or_none(id=self.room_id(group))
        # If a deleted room raised an error, the visitors who still have it open would not get the rest of the frame.
        if room is None:
            return ""
        messages, before, _ = await self.page(room)

        def log(shown: Sequence[Message]) -> str:
            return render("chat/_reset.html", Log(room, shown, before, self._tips))

        return await without_broken(self, group, messages, render, log)

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do an action, or keep a draft for the time when its page loads again.

        Args:
            action: The action's name, of any type.
            inbound: The request.

        Raises:
            Refused: The action is not done.
        """
        if action != "draft":
            return await super().perform(action, inbound)
        draft = draft_of("", inbound.text("message"), inbound.text("lines"), "")
        self.drafts.keep((inbound.visitor.id, inbound.group), draft.message)
        return Reply("live/_nothing.html", DraftKept())

    async def create(self, inbound: Inbound) -> Reply:
        """Commit a message, or do the command in it.

        Raises:
            MessageRefused: The message is not committed, or the command not done.
            ActionRefused: A JSON client sent a field that no message has.
        """
        if inbound.strict:
            self._require_writable(inbound.data)
        # A JSON client may send the id as the number that it is.
        origin = inbound.data.get("reply_to")
        reply_to = str(origin) if type(origin) is int else inbound.text("reply_to")
        handle, message, lines, nonce = map(inbound.text, TYPED)
        draft = draft_of(handle, message, lines, nonce, reply_to)
        await self.say(draft, inbound)
        return Reply("chat/_accepted.html", Accepted(new_nonce(), draft.reply_to))

    def _require_writable(self, data: Mapping[str, Any]) -> None:
        problems = tuple(FieldProblem(shown(name), "not_writable") for name in data if name not in SAID)
        if problems:
            raise ActionRefused(Refusal(self.form("create", None), "invalid", problems=problems))

    def oversized(self, action: object, data: Mapping[str, Any]) -> Refused | None:
        """Return a refusal with the text of a message that is far too long, since the page has emptied its box."""
        typed = [data.get(name, "") for name in SAID]
        if action != "create" or not all(isinstance(text, str) and is_storable(text) for text in typed):
            return None
        return MessageRefused(draft_of(*typed), MessageRefusal("too_large"))

    async def say(self, draft: Draft, inbound: Inbound) -> None:
        """Commit a message in the room, or do the command in it.

        Args:
            draft: The content of the composer.
            inbound: The request.

        Raises:
            MessageRefused: The message is not committed, or the command not done, for any reason.
        """
        try:
            await self._say(draft, inbound)
        except MessageRefused:
            raise
        except Exception as error:
            # The page has emptied the box. If the error did not bring the text back, the visitor would lose it.
            logger.exception("a message of visitor %.8s failed", inbound.visitor.id)
            raise MessageRefused(draft, MessageRefusal("failed")) from error
        self.drafts.said((inbound.visitor.id, inbound.group), draft.message)

    async def _say(self, draft: Draft, inbound: Inbound) -> None:
        room_id = self.room_id(inbound.group)
        rules = await self._kept.of(room_id)
        if refusal := refusal_of(rules, inbound.visitor, draft.message):
            raise MessageRefused(draft, refusal)
        command = asked(draft.message)
        saying = _saying(draft, *command) if command else Saying("", unescaped(draft.message))
        if command and saying is None:
            await self._do(*command, draft, inbound)
        if saying is None:
            return
        said = await say(draft, saying, inbound, room_id, self._names, slow_seconds(rules, inbound.visitor))
        inbound.on_message_sent(said.handle)

    async def _do(self, word: str, line: str, draft: Draft, inbound: Inbound) -> None:
        if word.casefold() == HELP:
            raise MessageRefused(replace(draft, message=""), self._known("help"))
        extension = self._commands.get(word.casefold())
        if extension is None:
            raise MessageRefused(draft, self._known("unknown_command", word))
        try:
            await extension.commands[word.casefold()](inbound, line)
        except ActionRefused as refused:
            if refused.reason == "gone" and not await Room.exists(id=self.room_id(inbound.group)):
                raise MessageRefused(draft, MessageRefusal("gone")) from refused
            told = MessageRefusal("command", of_command=refused.refusal, words=extension.reason)
            raise MessageRefused(draft, told) from refused

    def _known(self, reason: str, word: str = "") -> MessageRefusal:
        known = (*SAYINGS, *self._commands, HELP)
        usages = dict.fromkeys((*SAYINGS, HELP), OWN_USAGE)
        usages |= {each: one.usage for each, one in self._commands.items() if one.usage is not None}
        return MessageRefusal(reason, typed=word, commands=known, usages=usages, nearest=nearest(word, known))

    def room_id(self, group: str) -> int:
        """Return the id of the room whose group is `group`."""
        return int((self.scope(group) or {})["room_id"])


def _saying(draft: Draft, word: str, rest: str) -> Saying | None:
    """Return what a command says; None: it is another command.

    Raises:
        MessageRefused: Nobody can say that.
    """
    say_it = SAYINGS.get(word.casefold())
    if say_it is None:
        return None
    saying = say_it(rest)
    if saying is None:
        raise MessageRefused(draft, MessageRefusal("usage", typed=word.casefold()))
    return saying
