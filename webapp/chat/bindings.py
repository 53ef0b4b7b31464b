"""The chat on the wire: messages, bound to their room's pages."""

from __future__ import annotations

import logging
from typing import Final

from webapp.chat.contexts import Accepted, Log, MessageContext, Refused
from webapp.chat.draft import Draft, NotSaid
from webapp.chat.models import PAGE, Message, Room
from webapp.chat.saying import new_nonce, say
from webapp.live.binding import Binding, Render
from webapp.live.inbound import Inbound, Reply
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

    def __init__(self, flood: Flood) -> None:
        self.flood: Final = flood

    def context(self, row: Message) -> MessageContext:
        """The row itself."""
        return MessageContext(row)

    async def afresh(self, group: str, render: Render) -> str:
        """The room's newest messages, in place of all that the page shows."""
        room = await Room.get_or_none(id=self.room_id(group))
        # A room that is gone has nothing to show, and must not keep its last readers from the rest of the frame.
        return render("chat/_afresh.html", Log(room, *await room.page())) if room else ""

    async def create(self, inbound: Inbound) -> Reply:
        """Say a message."""
        draft = Draft(inbound.text("handle"), inbound.text("message"), inbound.text("nonce"))
        try:
            said = await say(draft, inbound.visitor, self.room_id(inbound.group), self.flood, inbound.writer)
        except NotSaid as not_said:
            logger.info("visitor %.8s was refused a message: %s", inbound.visitor.id, not_said)
            # The same nonce: should it have been written after all, saying it again is not saying it twice.
            nonce = draft.nonce or new_nonce()
            return Reply("chat/_refused.html", Refused(not_said.refusal, draft.message, nonce))
        inbound.called(said.handle)
        return Reply("chat/_accepted.html", Accepted(new_nonce()))

    def room_id(self, group: str) -> int:
        """The room that `group` is the audience of."""
        return int((self.scope(group) or {})["room_id"])
