"""One thing that a check found."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A finding.

    Attributes:
        text: What is wrong, and what to do, in one line of plain words.
        fatal: The app must not be deployed like this.
    """

    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{'error' if self.fatal else 'warning'}: {self.text}"
