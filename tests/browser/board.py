"""What a person does on the board, and what that person sees there.

Everybody's values are on one board, so each test takes names of its own.
"""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

_numbers = itertools.count(1)


def new_name() -> str:
    """A name that no other test uses."""
    return f"Value {next(_numbers)} of a test"


def open_board(page: Page, url: str) -> None:
    """Load the board, and wait until it follows the others."""
    with page.expect_websocket() as opened:
        page.goto(f"{url}/values/", wait_until="networkidle")
    assert urlsplit(opened.value.url).path == "/values/live"


def value(page: Page, name: str) -> Locator:
    """The list items that show a value of exactly this name."""
    return page.locator(".value").filter(has=page.locator("b").get_by_text(name, exact=True))


def number(page: Page, name: str) -> Locator:
    """Where a value's number stands."""
    return value(page, name).locator("output")


def button(page: Page, name: str, does: str) -> Locator:
    """A button (or link) of a value, found as a screen reader announces it: by what it does, and to what."""
    if does == "Edit":
        return page.get_by_role("link", name=f"{does} {name}", exact=True)
    return page.get_by_role("button", name=f"{does} {name}", exact=True)


def name_box(page: Page) -> Locator:
    """Where the name of a new value is written."""
    return page.get_by_role("textbox", name="Name of a new value", exact=True)


def start_box(page: Page) -> Locator:
    """Where the number of a new value is written."""
    return page.get_by_role("textbox", name="Starts at", exact=True)


def add(page: Page, name: str, start: str = "") -> None:
    """Add a value, and wait until it is there."""
    start_box(page).fill(start)
    name_box(page).fill(name)
    name_box(page).press("Enter")
    expect(number(page, name)).to_have_text(start or "0")


def edit(page: Page, name: str) -> Locator:
    """Open the form of a value, and give it; its fields have the focus."""
    button(page, name, "Edit").click()
    form = page.locator("form.edit-value")
    expect(form.get_by_label("Name")).to_be_focused()
    return form


def delete(page: Page, name: str) -> None:
    """Delete a value, and mean it."""
    button(page, name, "Delete").click()
    page.locator(".value__ask:popover-open").get_by_role("button", name="Delete").click()
