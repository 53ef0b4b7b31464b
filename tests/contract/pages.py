"""What a page has to show."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.database_shell import Row
from tests.support.page_model import PageModel


def wrong_with(page: PageModel, rows: Sequence[Row]) -> str:
    """What a page shows otherwise than the rows of its room, or "".

    A page covers everything from its first message on, and what it loaded at first were the newest 50.
    """
    shown = [Row(message.id, message.handle, message.text) for message in page.messages()]
    if not rows or not shown:
        return "" if not rows and not shown else f"{len(shown)} messages are shown of {len(rows)}"
    expected = [row for row in rows if row.id >= shown[0].id]
    if shown == expected:
        return ""
    lost = [row for row in expected if row not in shown]
    wrong = [row for row in shown if row not in expected]
    return f"lost {lost[:5]}, shown wrongly {wrong[:5]}, or out of order: {[row.id for row in shown]}"


def shows(page: PageModel, rows: Sequence[Row]) -> bool:
    """Whether the page shows just what it has to."""
    return not wrong_with(page, rows)
