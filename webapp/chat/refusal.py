"""Why a message is not said, told to its sender together with the text."""

from __future__ import annotations

from webapp.chat.contexts import MessageRefusal, RefusedMessage
from webapp.chat.draft import Draft, new_nonce
from webapp.live.binding import Refused, Reply


class MessageRefused(Refused):
    """The server does not say a message; the sender gets its text back.

    Attributes:
        draft: What the visitor typed.
        refusal: Why.
    """

    def __init__(self, draft: Draft, refusal: MessageRefusal) -> None:
        super().__init__(refusal.reason)
        self.draft = draft
        self.refusal = refusal

    @property
    def context(self) -> RefusedMessage:
        """What chat/_refused.html is given."""
        draft = self.draft
        return RefusedMessage(self.refusal, draft.message, draft.nonce or new_nonce(), draft.in_lines)

    @property
    def reply(self) -> Reply:
        """The answer to the sender."""
        return Reply("chat/_refused.html", self.context, error=self.refusal.data)
