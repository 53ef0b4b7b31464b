"""A room without scripts that is live: the talk in a frame that never ends loading, the form in another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, ViewportSize, expect

from tests.browser.rooms import join, message, say, tell
from tests.browser.screens import DESKTOP, PHONE
from tests.support.app_server import AppServer
from tests.support.patience import PATIENCE
from tests.support.window import Window


def talk(page: Page) -> FrameLocator:
    """The talk, three frames deep."""
    name = "iframe[title=Messages]"
    return page.frame_locator(name).frame_locator(name).frame_locator(name)


def form(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title='Write a message']")


def open_plainly(page: Page, url: str) -> None:
    """Open the page, which goes on loading for as long as it is open."""
    page.goto(f"{url}plain", wait_until="commit")
    expect(talk(page).locator("ol")).to_have_count(1)


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_what_is_said_comes_at_once_and_what_is_half_typed_stays(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    url = f"{server.url}/{room}/"
    ann, plain = window(viewport=screen).page, window(viewport=screen, java_script_enabled=False).page
    join(ann, url)
    say(ann, "before")
    plain.goto(url)
    expect(plain.get_by_role("link", name="Show what is said at once, without scripts")).to_be_visible()
    open_plainly(plain, url)
    rows = talk(plain).locator(".messages > li[id] p")
    expect(rows).to_have_text(["before"])
    box = form(plain).get_by_role("textbox", name="Message", exact=True)
    box.fill("half-")
    for number in range(3):
        say(ann, f"said {number}")
    expect(rows).to_have_text(["before", "said 0", "said 1", "said 2"])
    expect(box).to_have_value("half-")
    box.fill("half-typed no more")
    box.press("Enter")
    expect(message(ann, "half-typed no more")).to_be_visible()
    expect(rows.last).to_have_text("half-typed no more")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(talk(plain).get_by_text("2 here").last).to_be_visible()
    ann.get_by_role("textbox", name="Message", exact=True).press_sequentially("typing on", delay=400)
    expect(talk(plain).get_by_text("is typing").last).to_be_visible()
    # An edit, a deletion and a reaction: the frame loads itself again, and the box stays as it is.
    box.fill("half-")
    tell(server.database, "UPDATE message SET message = 'changed' WHERE message = 'said 1'")
    expect(rows).to_have_text(["before", "said 0", "changed", "said 2", "half-typed no more"])
    tell(server.database, "DELETE FROM message WHERE message = 'said 0'")
    expect(rows).to_have_text(["before", "changed", "said 2", "half-typed no more"])
    say(ann, "and on")
    expect(rows.last).to_have_text("and on")
    expect(box).to_have_value("half-")
    # A link of a message opens in the whole window.
    talk(plain).get_by_role("link", name="About this message").first.click()
    expect(plain.get_by_role("heading", name="This message")).to_be_visible()


def test_the_talk_goes_on_after_the_server_was_killed(tmp_path: Path, room: str, window: Callable[..., Window]) -> None:
    with AppServer(tmp_path) as server:
        url = f"{server.url}/{room}/"
        visitor = window(java_script_enabled=False)
        visitor.allow("ERR_", "500", "503", "Failed to load")
        page = visitor.page
        page.goto(url)
        open_plainly(page, url)
        form(page).get_by_role("textbox", name="Message", exact=True).fill("one")
        form(page).get_by_role("button", name="Send").click()
        rows = talk(page).locator(".messages > li[id] p")
        expect(rows).to_have_text(["one"])
        form(page).get_by_role("textbox", name="Message", exact=True).fill("half-")
        server.kill9()
        server.start()
        tell(server.database, "INSERT INTO message (room_id, handle, message) SELECT id, 'ben', 'two' FROM room")
        expect(rows).to_have_text(["one", "two"], timeout=PATIENCE * 1000)
        tell(server.database, "INSERT INTO message (room_id, handle, message) SELECT id, 'ben', 'three' FROM room")
        expect(rows.last).to_have_text("three")
        expect(form(page).get_by_role("textbox", name="Message", exact=True)).to_have_value("half-")


def test_a_refusal_keeps_the_text_and_says_why(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    visitor = window(java_script_enabled=False)
    visitor.allow("422")
    page = visitor.page
    page.goto(f"{server.url}/{room}/")
    open_plainly(page, f"{server.url}/{room}/")
    box = form(page).get_by_role("textbox", name="Message", exact=True)
    box.fill("z" * 2001)
    box.press("Enter")
    expect(form(page).get_by_role("alert")).to_contain_text(["too long: 2,000"])
    expect(box).to_have_value("z" * 2001)
