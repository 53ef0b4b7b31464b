"""A page that notices at once when a frame passes over something, long before anybody compares it with the database."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.contract.pages import wrong_with
from tests.support.database_shell import Row
from tests.support.page_model import PageModel

WINDOW = 50
"""Messages that a list shows which is sent afresh; when there are fewer it shows all."""

AFRESH = '<hx-partial hx-target="#log"'
BROUGHT = re.compile(r'<li id="message-(\d+)"')
"""How a message begins; what people write is escaped, so it never looks like this."""


class Gap(AssertionError):
    """A frame moved the page's cursor by more than it brought."""


class StrictPage(PageModel):
    """The page of a room to which messages are only ever added, and which was loaded when it had no more than WINDOW.

    Each message is one change then, so a frame may move the cursor by as many as it brings: what it passes over never
    comes again, unless the page is loaded anew. A page that was empty has no place in the log yet, and a list that
    comes afresh is no step from one place to the next.
    """

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.steps = 0
        """Frames that moved the cursor."""
        self.reset = False
        """Whether a list came that did not go back to the room's beginning."""

    def apply(self, frame: str) -> None:
        """Take a frame in; raises Gap."""
        before = int(self.cursor)
        super().apply(frame)
        brought = len(set(BROUGHT.findall(frame)))
        if AFRESH in frame:
            self.reset |= brought >= WINDOW
            return
        moved = int(self.cursor) - before
        if before and moved > brought:
            raise Gap(f"a frame moved the cursor from {before} by {moved}, and brought {brought}: {frame[:200]}")
        self.steps += moved > 0

    def wrong_with(self, rows: Sequence[Row], head: int) -> str:
        """The differences of the page from the rows of its room, whose newest change is `head`, or ""."""
        missing = len(rows) - len(self.messages())
        if missing and not (self.reset and missing <= len(rows) - WINDOW):
            return f"{len(self.messages())} messages are shown of {len(rows)}: {wrong_with(self, rows)[:200]}"
        return wrong_with(self, rows) or ("" if self.cursor == str(head) else f"cursor {self.cursor}, not {head}")
