"""Why a request brought nothing. The texts name no URL and no host, since they may reach the log."""

from __future__ import annotations


class NotFetched(Exception):
    """The site is not asked, or has nothing to show. Another try would end in the same way.

    Attributes:
        reason: A short word or two, such as `address` or `status 404`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(Exception):
    """The site did not answer, or must not be asked now.

    Attributes:
        reason: As in NotFetched.
        seconds: When the caller may try again, at the earliest.
    """

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds
