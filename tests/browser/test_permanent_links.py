"""A link to a message opens the talk around it, marks it, and stays live."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, fill_room, message, open_message, say
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.window import Window


def marked(page: Page) -> Locator:
    """The message that the page marks."""
    return page.locator(".messages > li:target")


def fill(server: AppServer, room: str, count: int) -> None:
    """Have "row 1" to "row <count>" said in a room that was made before."""
    fill_room(server.database, room, [("ann", f"row {number}") for number in range(1, count + 1)])


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_link_shows_the_message_and_what_is_said_then(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    ann, bob = window(viewport=screen).page, window(viewport=screen).page
    ann.goto(f"{server.url}/{room}/")
    fill(server, room, 120)
    expect(message(ann, "row 120")).to_be_visible()
    open_message(ann, message(ann, "row 90").get_by_role("link").last)
    link = ann.get_by_text(f"{server.url}/{room}/?at=").inner_text()
    assert violations(ann) == []
    assert ann.evaluate(FITS)
    bob.goto(link)
    expect(marked(bob).locator("p")).to_have_text("row 90")
    expect(marked(bob)).to_be_in_viewport()
    expect(bob.locator("#people-count")).not_to_be_empty()
    assert violations(bob) == []
    assert bob.evaluate(FITS)
    ann.get_by_role("link", name="Show it in the talk").click()
    expect(marked(ann)).to_be_in_viewport()
    expect(ann.locator("#people-count")).not_to_be_empty()
    say(ann, "said later")
    expect(message(bob, "said later")).to_have_count(1)
    expect(marked(bob)).to_be_in_viewport()
    bob.get_by_role("link", name="Newest messages").click()
    expect(message(bob, "said later")).to_be_in_viewport()
    bob.locator("#scroller").hover()
    for _ in range(60):
        if message(bob, "row 1").count():
            break
        bob.mouse.wheel(0, -3000)
        bob.wait_for_timeout(100)
    expect(message(bob, "row 1")).to_have_count(1)
    say(bob, "from bob")
    expect(message(ann, "from bob")).to_have_count(1)
    expect(box(bob)).to_have_value("")


def test_without_scripts_a_far_message_is_shown_and_newer_ones_follow(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window(viewport=PHONE, java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    fill(server, room, 300)
    page.goto(f"{server.url}/{room}/")
    page.get_by_text("row 251", exact=True).wait_for()
    first = int(page.locator("#chat > li").first.get_attribute("data-key") or "0") - 250
    page.goto(f"{server.url}/{room}/?at={first + 29}#message-{first + 29}")
    expect(marked(page).locator("p")).to_have_text("row 30")
    expect(marked(page)).to_be_in_viewport()
    for expected in ("row 56", "row 106", "row 156", "row 206", "row 256"):
        page.get_by_role("link", name="Newer messages").click()
        expect(page.locator(".messages > li[id] p").first).to_have_text(expected)
    page.get_by_role("link", name="Back to now").last.click()
    page.wait_for_url(f"**/{room}/")
