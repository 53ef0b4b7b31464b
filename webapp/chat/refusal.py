"""The refusal of a message, which brings the text back to its sender."""

from __future__ import annotations

from webapp.chat.contexts import MessageRefusal, RefusedMessage
from webapp.chat.draft import Draft, new_nonce
from webapp.live.binding import Refused, Reply


class MessageRefused(Refused):
    """The server does not commit a message; the sender gets the text back.

    Attributes:
        draft: The content of the composer.
        refusal: Why.
    """

    def __init__(self, draft: Draft, refusal: MessageRefusal) -> None:
        super().__init__(refusal.reason)
        self.draft = draft
        self.refusal = refusal

    @property
    def context(self) -> RefusedMessage:
        """The context of chat/_refused.html."""
        draft = self.draft
        return RefusedMessage(self.refusal, draft.message, draft.nonce or new_nonce(), draft.in_lines)

    @property
    def reply(self) -> Reply:
        """The reply to the sender."""
        return Reply("chat/_refused.html", self.context, error=self.refusal.data)
