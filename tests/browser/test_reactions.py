"""Reactions are given by the keyboard too, and every window counts them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, join, message, say
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.browser.test_replies import open_menu
from tests.support.app_server import AppServer
from tests.support.window import Window


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_two_windows_react_and_count_the_same(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    ann, bob = window(viewport=screen).page, window(viewport=screen).page
    for page in (ann, bob):
        join(page, f"{server.url}/{room}/")
    say(ann, "one")
    tallies = [message(page, "one").locator("footer") for page in (ann, bob)]
    menu = open_menu(bob, "one")
    thumb = menu.get_by_role("button", name="👍")
    thumb.focus()
    thumb.press("Enter")
    for tally in tallies:
        expect(tally).to_have_text("👍 1")
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(thumb).to_be_focused()
    assert violations(bob) == []
    assert bob.evaluate(FITS)
    other = menu.get_by_role("textbox", name="Another emoji")
    other.fill("🦊")
    other.press("Enter")
    for tally in tallies:
        expect(tally).to_have_text("👍 1 🦊 1", use_inner_text=True)
    other.fill("no")
    other.press("Enter")
    expect(menu.get_by_role("alert")).to_have_text("That is no emoji, or more than one.")
    bob.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    # The numbers lead to the same choice.
    tallies[0].get_by_role("link").click()
    menu = ann.get_by_role("dialog")
    expect(menu.get_by_role("button", name="🦊")).to_have_attribute("aria-pressed", "false")
    menu.get_by_role("button", name="👍").click()
    for tally in tallies:
        expect(tally).to_have_text("👍 2 🦊 1", use_inner_text=True)
    assert violations(ann) == []


def test_without_scripts_one_reacts_on_the_page_of_the_message(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window(viewport=PHONE, java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    box(page).fill("one")
    page.get_by_role("button", name="Send").click()
    more = message(page, "one").get_by_role("link", name="About this message")
    more.focus()
    more.press("Enter")
    page.get_by_role("button", name="🎉").click()
    expect(page.get_by_role("button", name="🎉 1")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Back to now").click()
    expect(message(page, "one").locator("footer")).to_have_text("🎉 1")
