"""A tab in the background closes its socket, and has missed nothing when its reader comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import fill_room, message, say, shown, tell, texts
from tests.support.app_server import AppServer
from tests.support.window import Window

# No window of a browser without a screen is ever hidden by another, so the page is told what it would be told.
# It also notes whether a frame has come since: only a socket that is open can be seen closing.
HIDING = """(() => {
    let hidden = false;
    Object.defineProperty(document, "hidden", {get: () => hidden});
    Object.defineProperty(document, "visibilityState", {get: () => hidden ? "hidden" : "visible"});
    document.addEventListener("htmx:ws:after:message:incoming", () => document.documentElement.dataset.live = "");
    window.hide = value => {
        hidden = value;
        delete document.documentElement.dataset.live;
        document.dispatchEvent(new Event("visibilitychange", {bubbles: true}));
    };
})()"""


@pytest.fixture
def page(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    visitor = window()
    visitor.context.add_init_script(HIDING)
    page = visitor.context.new_page()
    page.goto(f"{server.url}/{room}/")
    expect(page.locator("html[data-live]")).to_be_attached()
    fill_room(server.database, room, [("Ann", f"old {number}") for number in range(60)])
    return page


def away(page: Page, meanwhile: Callable[[], None]) -> None:
    """Load the page, look away while `meanwhile` happens, and look again."""
    with page.expect_websocket() as opened:
        page.reload()
    expect(page.locator("html[data-live]")).to_be_attached()
    with opened.value.expect_event("close"):
        page.evaluate("hide(true)")
    before = texts(page)
    meanwhile()
    assert texts(page) == before
    with page.expect_websocket():
        page.evaluate("hide(false)")
    expect(page.locator("html[data-live]")).to_be_attached()


def test_creates_edits_and_deletes_made_meanwhile_are_all_there(
    server: AppServer, room: str, page: Page, window: Callable[..., Window]
) -> None:
    other = window().page
    other.goto(f"{server.url}/{room}/")

    def meanwhile() -> None:
        where = f"room_id = (SELECT id FROM room WHERE label = '{room}') AND message"
        tell(server.database, f"UPDATE message SET message = 'mended' WHERE {where} = 'old 58'")
        tell(server.database, f"DELETE FROM message WHERE {where} = 'old 57'")
        fill_room(server.database, room, [("Bob", "said by a program"), ("Bob", "taken back")])
        tell(server.database, f"DELETE FROM message WHERE {where} = 'taken back'")
        say(other, "said in a window")
        expect(message(other, "said in a window")).to_be_visible()

    away(page, meanwhile)
    expect(message(page, "said in a window")).to_be_visible()
    assert texts(page)[-5:] == ["old 56", "mended", "old 59", "said by a program", "said in a window"]
    expect(page.locator("#banner")).to_be_hidden()
    fresh = window().page
    fresh.goto(f"{server.url}/{room}/")
    both = min(len(shown(page)), len(shown(fresh)))
    assert shown(page)[-both:] == shown(fresh)[-both:]


def test_a_tab_that_missed_hundreds_shows_the_newest_as_a_fresh_page_does(
    server: AppServer, room: str, page: Page, window: Callable[..., Window]
) -> None:
    away(page, lambda: fill_room(server.database, room, [("Bob", f"new {number}") for number in range(700)]))
    expect(message(page, "new 699")).to_be_visible()
    fresh = window().page
    fresh.goto(f"{server.url}/{room}/")
    assert shown(page) == shown(fresh)
    say(page, "and it goes on")
    expect(message(fresh, "and it goes on")).to_be_visible()
    expect(message(page, "and it goes on")).to_be_visible()


def test_hiding_again_and_again_doubles_nothing(server: AppServer, room: str, page: Page) -> None:
    for number in range(4):
        away(page, partial(fill_room, server.database, room, [("Bob", f"round {number}")]))
        expect(message(page, f"round {number}")).to_have_count(1)
    assert texts(page)[-5:] == ["old 59", "round 0", "round 1", "round 2", "round 3"]
