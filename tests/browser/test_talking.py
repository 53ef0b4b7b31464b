"""Two people talk, and the browser remembers who they are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, name_box, say, shown, take_name, texts
from tests.support.app_server import AppServer
from tests.support.window import Window

HAIKU_NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")


@pytest.fixture
def ann(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    return page


@pytest.fixture
def bob(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    return page


def test_what_one_says_is_in_both_windows_in_the_same_order_and_after_a_reload(ann: Page, bob: Page) -> None:
    take_name(ann, "Ann")
    take_name(bob, "Bob")
    said = []
    for number in range(5):
        for page, name in ((ann, "Ann"), (bob, "Bob")):
            said.append((name, f"{name} {number}"))
            say(page, f"{name} {number}")
            expect(message(ann, f"{name} {number}")).to_be_visible()
    expect(message(bob, said[-1][1])).to_be_visible()
    assert shown(ann) == shown(bob) == said
    ann.reload()
    assert shown(ann) == said


def test_what_is_said_at_the_same_moment_is_once_in_both_windows_in_one_order(ann: Page, bob: Page) -> None:
    pages = (ann, bob)
    for number in range(10):
        for page, name in zip(pages, "ab", strict=True):
            box(page).fill(f"{name}{number}")
        for page in pages:
            box(page).press("Enter")
        for page in pages:
            expect(box(page)).to_have_value("")
    for page in pages:
        expect(page.locator("#chat > li")).to_have_count(20)
    assert texts(ann) == texts(bob)
    assert sorted(texts(ann)) == sorted(f"{name}{number}" for name in "ab" for number in range(10))


def test_the_button_says_it_too(ann: Page, bob: Page) -> None:
    box(ann).fill("by hand")
    ann.get_by_role("button", name="Send").click()
    expect(message(bob, "by hand")).to_be_visible()
    expect(box(ann)).to_be_focused()


def test_a_fresh_visitor_speaks_under_the_haiku_name_that_the_empty_box_shows(ann: Page, bob: Page) -> None:
    guest = name_box(ann).get_attribute("placeholder") or ""
    assert HAIKU_NAME.fullmatch(guest)
    assert guest != name_box(bob).get_attribute("placeholder")
    assert name_box(ann).input_value() == ""
    say(ann, "who am I")
    expect(message(bob, "who am I")).to_be_visible()
    assert shown(bob) == [(guest, "who am I")]
    ann.reload()
    assert name_box(ann).get_attribute("placeholder") == guest


def test_a_name_is_remembered_for_this_browser_only(ann: Page, bob: Page, server: AppServer, room: str) -> None:
    take_name(ann, "Ann with a hat")
    say(ann, "hello")
    expect(message(bob, "hello")).to_be_visible()
    assert shown(bob) == [("Ann with a hat", "hello")]
    ann.reload()
    assert name_box(ann).input_value() == "Ann with a hat"
    tab = ann.context.new_page()
    tab.goto(f"{server.url}/{room}-two/")
    assert name_box(tab).input_value() == "Ann with a hat"
    bob.reload()
    assert name_box(bob).input_value() == ""


def test_a_name_that_was_just_typed_counts_for_the_message_sent_with_enter(ann: Page, bob: Page) -> None:
    box(ann).fill("quick")
    name_box(ann).fill("Quick Ann")
    name_box(ann).press("Enter")
    expect(message(bob, "quick")).to_be_visible()
    assert shown(bob) == [("Quick Ann", "quick")]
    ann.reload()
    assert name_box(ann).input_value() == "Quick Ann"


def test_a_new_room_is_one_press_away_and_has_a_haiku_name(server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(server.url)
    page.get_by_role("button", name="Start a room").click()
    expect(page).to_have_url(re.compile(r"/[a-z]+-[a-z]+-\d{4}/$"))
    first = page.url
    expect(page.get_by_role("heading", level=1)).to_have_text(first.rstrip("/").rpartition("/")[2])
    say(page, "the first words")
    expect(message(page, "the first words")).to_be_visible()
    page.get_by_role("button", name="New room").click()
    expect(page).not_to_have_url(first)
    assert shown(page) == []
