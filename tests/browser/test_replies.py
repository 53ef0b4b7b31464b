"""The ⋯ of a message opens what one can do with it; a reply shows what it is about, and follows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, join, message, say
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.window import Window


def open_menu(page: Page, text: str) -> Locator:
    """Open what one can do with a message, by keyboard, and return it."""
    more = message(page, text).get_by_role("link", name="About this message")
    more.focus()
    more.press("Enter")
    menu = page.get_by_role("dialog")
    expect(menu).to_be_visible()
    return menu


def quote_of(page: Page, text: str) -> Locator:
    return message(page, text).locator("> blockquote")


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_reply_is_chosen_said_and_follows_the_other_message(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    ann, bob = window(viewport=screen).page, window(viewport=screen).page
    for page in (ann, bob):
        join(page, f"{server.url}/{room}/")
    say(ann, "Who brings the tent?")
    expect(message(bob, "Who brings the tent?")).to_be_visible()
    box(bob).fill("half-typed")
    menu = open_menu(bob, "Who brings the tent?")
    assert violations(bob) == []
    assert bob.evaluate(FITS)
    menu.get_by_role("link", name="Reply").click()
    expect(menu).to_be_hidden()
    expect(bob.locator("#replying")).to_contain_text("Who brings the tent?")
    expect(box(bob)).to_be_focused()
    expect(box(bob)).to_have_value("half-typed")
    assert violations(bob) == []
    assert bob.evaluate(FITS)
    say(bob, "I do")
    expect(bob.locator("#replying")).to_be_empty()
    say(bob, "and the boat")
    expect(quote_of(ann, "I do")).to_contain_text("Who brings the tent?")
    expect(quote_of(ann, "and the boat")).to_have_count(0)
    assert violations(ann) == []
    # The author changes it, in another tab.
    tab = ann.context.new_page()
    tab.goto(f"{server.url}/{room}/messages/{message(ann, 'Who brings the tent?').get_attribute('data-key')}")
    tab.get_by_role("textbox", name="Change it").fill("Who brings *the boat*?")
    tab.get_by_role("button", name="Save").click()
    for page in (ann, bob):
        expect(quote_of(page, "I do")).to_contain_text("Who brings *the boat*?")
        expect(page.locator("#chat em")).to_have_text("the boat")
    quote_of(bob, "I do").get_by_role("link").click()
    expect(bob.get_by_role("dialog")).to_contain_text("Who brings")
    bob.keyboard.press("Escape")
    expect(bob.get_by_role("dialog")).to_be_hidden()


def test_the_menu_closes_copies_and_a_reply_can_be_given_up(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    opened = window(viewport=DESKTOP)
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened.page
    page.goto(f"{server.url}/{room}/")
    say(page, "one")
    menu = open_menu(page, "one")
    menu.get_by_role("button", name="Close").click()
    expect(menu).to_be_hidden()
    menu = open_menu(page, "one")
    menu.get_by_role("button", name="Copy the text").click()
    expect(menu.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "one"
    menu.get_by_role("button", name="Copy the link").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('?at='))")
    menu.get_by_role("link", name="Reply").click()
    page.get_by_role("link", name="No reply").click()
    expect(page.locator("#replying")).to_be_empty()
    assert page.url.startswith(f"{server.url}/{room}/")
    say(page, "no reply")
    expect(quote_of(page, "no reply")).to_have_count(0)


def test_without_scripts_one_replies_by_the_page_of_the_message(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window(viewport=PHONE, java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    for text in ("one", "*two*"):
        box(page).fill(text)
        page.get_by_role("button", name="Send").click()
    more = message(page, "one").get_by_role("link", name="About this message")
    more.focus()
    more.press("Enter")
    page.get_by_role("link", name="Reply").click()
    expect(page.locator("#replying")).to_contain_text("one")
    box(page).fill("three")
    page.get_by_role("button", name="Send").click()
    expect(quote_of(page, "three")).to_contain_text("one")
    expect(page.locator("#replying")).to_be_empty()
    expect(page.locator("#chat em")).to_have_text("two")
