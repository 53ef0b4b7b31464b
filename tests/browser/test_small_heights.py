"""The room on a window that is lower than its bars: enlarged four times, on a phone on its side, above a keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, fill_room, message, say, tell
from tests.support.app_server import AppServer
from tests.support.window import Window

LABEL = "a-room-whose-name-is-so-long-that-it-wraps-2718"
SIZES = [(320, 256), (640, 180), (360, 300), (1280, 200), (320, 480), (390, 420), (740, 160)]
TALK = 120  # pixels of talk that can be read at once, at least: two messages

INSIDE = """element => {
    const {top, bottom, left, right} = element.getBoundingClientRect();
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
}"""
HEIGHT = "element => element.clientHeight"
NO_WIDER = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(params=SIZES, ids=lambda size: "{}x{}".format(*size))
def low(request: pytest.FixtureRequest, server: AppServer, window: Callable[..., Window]) -> Page:
    """The page of a room with values, somebody who types and messages, in a low window."""
    width, height = request.param
    page = window(viewport=ViewportSize(width=width, height=height)).page
    page.goto(f"{server.url}/{LABEL}/")
    fill_room(server.database, LABEL, ((f"Name {each}", f"line {each}") for each in range(60)))
    room = "(SELECT id FROM room WHERE label = ?)"
    values = f"INSERT OR IGNORE INTO integervalue (name, value, room_id) VALUES (?, 7, {room})"
    tell(server.database, values, ((f"a value {each}", LABEL) for each in range(20)))
    page.reload()
    expect(page.locator("#chat > li").last).to_be_attached()
    return page


def test_the_box_and_its_button_are_in_sight_with_an_error_too(low: Page) -> None:
    button = low.get_by_role("button", name="Send")
    assert box(low).evaluate(INSIDE)
    assert button.evaluate(INSIDE)
    box(low).fill("   ")
    box(low).press("Enter")
    expect(low.get_by_role("alert").filter(has_text="Write something")).to_be_visible()
    low.wait_for_function(f"() => [...document.querySelectorAll('#message, #composer > button')].every({INSIDE})")
    assert low.evaluate(NO_WIDER)


def test_the_talk_keeps_a_height_that_can_be_read_and_follows_what_is_said(low: Page) -> None:
    scroller = low.locator("#scroller")
    assert scroller.evaluate(HEIGHT) >= TALK
    say(low, "said on a low window")
    newest = message(low, "said on a low window").last
    expect(newest).to_be_attached()
    scroller.evaluate("element => element.scrollIntoView({block: 'end', behavior: 'instant'})")
    expect(newest).to_be_in_viewport(ratio=0.9)


def test_axe_finds_nothing_on_a_low_window(low: Page) -> None:
    box(low).fill("   ")
    box(low).press("Enter")
    expect(low.get_by_role("alert").filter(has_text="Write something")).to_be_visible()
    assert violations(low) == []


def test_the_names_of_who_is_here_are_all_within_reach(low: Page) -> None:
    people = low.locator(".people__button")
    expect(low.locator("#people-count")).not_to_be_empty()
    people.click()
    names = low.locator("#people")
    expect(names).to_be_visible()
    assert names.evaluate(INSIDE)
