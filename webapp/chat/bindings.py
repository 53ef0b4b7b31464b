"""The chat on the wire: messages, bound to their room's pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webapp.chat.commands import Commands, asked, nearest, unescaped
from webapp.chat.composer import draft_of
from webapp.chat.contexts import Accepted, DraftKept, Log, MessageContext, Refusal, Refused
from webapp.chat.draft import Draft, NotSaid
from webapp.chat.drafts import Drafts
from webapp.chat.models import PAGE, Message, Room
from webapp.chat.saying import new_nonce, say
from webapp.live.binding import Binding, Render
from webapp.live.broken import without_broken
from webapp.live.contexts import Denial
from webapp.live.inbound import Denied, Inbound, Reply
from webapp.live.texts import is_storable
from webapp.live.validation import FieldProblem, shown
from webapp.web.flood import Flood

logger = logging.getLogger(__name__)

SAID = ("handle", "message", "lines", "nonce")
"""The fields of a message that is said."""


class MessageBinding(Binding[Message]):
    """Stream `chat`: every message of a room, to everybody in it; anybody may say one."""

    model = Message
    stream = "chat"
    group = "room:{room_id}"
    fields = ("handle", "message", "timestamp")
    template = "chat/_message.html"
    target = "#chat"
    element = "message"
    window = PAGE

    writable = ("handle", "message")
    actions = ("create",)

    def __init__(self, flood: Flood, commands: Commands | None = None) -> None:
        self._flood = flood
        self._commands = commands or {}
        self.drafts = Drafts()

    def context(self, row: Message) -> MessageContext:
        """The row itself."""
        return MessageContext(row)

    async def afresh(self, group: str, render: Render) -> str:
        """The room's newest messages, in place of all that the page shows."""
        room = await Room.get_or_none(id=self.room_id(group))
        # A room that is gone has nothing to show, and must not keep its last readers from the rest of the frame.
        if room is None:
            return ""
        messages, before = await room.page()
        return await without_broken(
            self, group, messages, render, lambda shown: render("chat/_afresh.html", Log(room, shown, before))
        )

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do the action of that name, or keep a draft for when its page is loaded again. Raises Refused."""
        if action != "draft":
            return await super().perform(action, inbound)
        draft = draft_of("", inbound.text("message"), inbound.text("lines"), "")
        self.drafts.keep((inbound.visitor.id, inbound.group), draft.message)
        return Reply("live/_nothing.html", DraftKept())

    async def create(self, inbound: Inbound) -> Reply:
        """Say a message. Raises Denied."""
        if inbound.strict:
            self._require_writable(inbound.data)
        draft = draft_of(*(inbound.text(name) for name in SAID))
        try:
            await self.say(draft, inbound)
        except NotSaid as not_said:
            logger.info("visitor %.8s was refused a message: %s", inbound.visitor.id, not_said)
            return self.refused(draft, not_said.refusal)
        return Reply("chat/_accepted.html", Accepted(new_nonce()))

    def _require_writable(self, data: Mapping[str, Any]) -> None:
        problems = tuple(FieldProblem(shown(name), "not_writable") for name in data if name not in SAID)
        if problems:
            raise Denied(Denial(self.form("create", None), "invalid", problems=problems))

    def refused(self, draft: Draft, refusal: Refusal) -> Reply:
        """Why `draft` was not said, with its text.

        The nonce stays the same: if the message was written after all, saying it again is not saying it twice.
        """
        context = Refused(refusal, draft.message, draft.nonce or new_nonce(), draft.in_lines)
        return Reply("chat/_refused.html", context, error=refusal.data)

    def oversized(self, action: object, data: Mapping[str, Any]) -> Reply | None:
        """A message that is too long by far; the box has been emptied, so the text goes back."""
        typed = [data.get(name, "") for name in ("handle", "message", "lines", "nonce")]
        if action != "create" or not all(isinstance(text, str) and is_storable(text) for text in typed):
            return None
        return self.refused(draft_of(*typed), Refusal("too_large"))

    async def say(self, draft: Draft, inbound: Inbound) -> None:
        """Say a message in the room, or do the command that it is. Raises NotSaid, whatever it is that fails."""
        try:
            await self._say(draft, inbound)
        except NotSaid:
            raise
        except Exception as error:
            # The box has been emptied: an error that does not bring the text along would lose what was typed.
            logger.exception("a message of visitor %.8s failed", inbound.visitor.id)
            raise NotSaid(Refusal("failed")) from error
        self.drafts.said((inbound.visitor.id, inbound.group), draft.message)

    async def _say(self, draft: Draft, inbound: Inbound) -> None:
        command = asked(draft.message) if self._commands else None
        if command is not None:
            await self._do(*command, inbound)
            return
        if self._commands:
            text = unescaped(draft.message)
            draft = draft if text == draft.message else replace(draft, message=text)
        said = await say(draft, inbound.visitor, self.room_id(inbound.group), self._flood, inbound.writer)
        inbound.called(said.handle)

    async def _do(self, word: str, line: str, inbound: Inbound) -> None:
        command = self._commands.get(word.casefold())
        if command is None:
            known = tuple(self._commands)
            raise NotSaid(Refusal("unknown_command", typed=word, commands=known, nearest=nearest(word, known)))
        try:
            await command(inbound, line)
        except Denied as denied:
            if denied.denial.reason == "gone" and not await Room.exists(id=self.room_id(inbound.group)):
                raise NotSaid(Refusal("gone")) from denied
            raise NotSaid(Refusal("command", denial=denied.denial)) from denied

    def room_id(self, group: str) -> int:
        """The room that `group` is the audience of."""
        return int((self.scope(group) or {})["room_id"])
