"""The chat on the wire: messages, bound to their room's pages."""

from __future__ import annotations

import logging

from webapp.chat.commands import Commands, asked
from webapp.chat.contexts import Accepted, Log, MessageContext, Refusal, Refused
from webapp.chat.draft import Draft, NotSaid
from webapp.chat.models import PAGE, Message, Room
from webapp.chat.saying import new_nonce, say
from webapp.live.binding import Binding, Render
from webapp.live.broken import without_broken
from webapp.live.inbound import Denied, Inbound, Reply
from webapp.web.flood import Flood

logger = logging.getLogger(__name__)


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

    async def create(self, inbound: Inbound) -> Reply:
        """Say a message."""
        draft = Draft(inbound.text("handle"), inbound.text("message"), inbound.text("nonce"))
        try:
            await self.say(draft, inbound)
        except NotSaid as not_said:
            logger.info("visitor %.8s was refused a message: %s", inbound.visitor.id, not_said)
            # The same nonce: should it have been written after all, saying it again is not saying it twice.
            nonce = draft.nonce or new_nonce()
            refused = Refused(not_said.refusal, draft.message, nonce)
            return Reply("chat/_refused.html", refused, error=not_said.refusal.data)
        return Reply("chat/_accepted.html", Accepted(new_nonce()))

    async def say(self, draft: Draft, inbound: Inbound) -> None:
        """Say a message in the room, or do the command that it is. Raises NotSaid."""
        command = asked(draft.message, self._commands)
        if command is None:
            said = await say(draft, inbound.visitor, self.room_id(inbound.group), self._flood, inbound.writer)
            inbound.called(said.handle)
            return
        do, line = command
        try:
            await do(inbound, line)
        except Denied as denied:
            if denied.denial.reason == "gone" and not await Room.exists(id=self.room_id(inbound.group)):
                raise NotSaid(Refusal("gone")) from denied
            raise NotSaid(Refusal("command", denial=denied.denial)) from denied

    def room_id(self, group: str) -> int:
        """The room that `group` is the audience of."""
        return int((self.scope(group) or {})["room_id"])
