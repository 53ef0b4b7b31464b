"""The one way to refuse an action: an exception that carries the reply to the sender."""

from __future__ import annotations

from webapp.live.binding.reply import Reply
from webapp.live.contexts import Problem, Refusal


class Refused(Exception):
    """The server refuses the request of a client.

    Attributes:
        reason: A reason of `Problem`, or one of a subclass's own context.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def reply(self) -> Reply:
        """The reply to the sender."""
        return Reply("live/_problem.html", Problem(self.reason), error={"reason": self.reason})


class ActionRefused(Refused):
    """The server understands an action and refuses it. The page shows the reason beside the action's form.

    Attributes:
        refusal: The reason, and the values that the form needs to go on.
        template: The template that shows the refusal.
    """

    def __init__(self, refusal: Refusal, template: str = "live/_refused.html") -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.template = template

    @property
    def reply(self) -> Reply:
        """The reply to the sender."""
        return Reply(self.template, self.refusal, error=self.refusal.data)
