"""The one way to refuse what a client asks for: an exception that brings its own answer."""

from __future__ import annotations

from webapp.live.binding.reply import Reply
from webapp.live.contexts import Problem, Refusal


class Refused(Exception):
    """The server does not do what a client asks for.

    Attributes:
        reason: One of the reasons of `Problem`, or of a subclass's own context.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def reply(self) -> Reply:
        """The answer to the sender."""
        return Reply("live/_problem.html", Problem(self.reason), error={"reason": self.reason})


class ActionRefused(Refused):
    """The server understood an action and does not do it; the page says so beside the action's form.

    Attributes:
        refusal: Why, and what the form needs to go on.
        template: Says so, given the refusal.
    """

    def __init__(self, refusal: Refusal, template: str = "live/_refused.html") -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.template = template

    @property
    def reply(self) -> Reply:
        """The answer to the sender."""
        return Reply(self.template, self.refusal, error=self.refusal.data)
