"""What a person does in a room's window, and what that person sees there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.patience import PATIENCE

READ = """() => [...document.querySelectorAll("#log li[id]")].map(
    li => [li.querySelector("b").firstChild.textContent.trim(), li.querySelector("p").textContent])"""

Said = tuple[str, str]
"""The name and the text of a message."""


def box(page: Page) -> Locator:
    """Where a message is written."""
    return page.get_by_role("textbox", name="Message", exact=True)


def name_box(page: Page) -> Locator:
    """Where the visitor's name is written."""
    return page.get_by_role("textbox", name="Your name", exact=True)


def shown(page: Page) -> list[Said]:
    """The messages on the page, in its order."""
    return [(name, text) for name, text in page.evaluate(READ)]


def texts(page: Page) -> list[str]:
    """What the messages on the page say, in its order."""
    return [text for _, text in shown(page)]


def join(page: Page, url: str) -> None:
    """Open a room, and wait until its frames reach the page."""
    page.goto(url)
    expect(page.locator("#joined > i")).to_have_count(1)


def take_name(page: Page, name: str) -> None:
    """Change the name as a person does, and wait until this browser remembers it."""
    with page.expect_response("**/me/"):
        name_box(page).fill(name)
        name_box(page).press("Tab")


def say(page: Page, text: str) -> None:
    """Type a message, press Enter, and wait for the box to be empty, as it is for a person's next key."""
    box(page).fill(text)
    box(page).press("Enter")
    expect(box(page)).to_have_value("")


def message(page: Page, text: str) -> Locator:
    """The list items whose text is exactly `text`."""
    return page.locator("#log li[id]").filter(has=page.locator("p").get_by_text(text, exact=True))


def open_message(page: Page, link: Locator) -> None:
    """Go to the page of a message by its link in the talk, as a person with scripts does."""
    link.click()
    page.get_by_role("dialog").get_by_role("link", name="More").click()


def tell(database: Path, sql: str, rows: Iterable[tuple[object, ...]] = ((),)) -> None:
    """Run a statement for each of `rows` in one transaction, as any other program may write the database."""
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection, connection:
        connection.executemany(sql, rows)


def fill_room(database: Path, label: str, rows: Iterable[Said]) -> None:
    """Put messages into a room that was visited before."""
    insert = "INSERT INTO message (room_id, handle, message) SELECT id, ?, ? FROM room WHERE label = ?"
    tell(database, insert, ((name, text, label) for name, text in rows))
