"""Visitors bring others to a room: by its address, and by its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.window import Window

IS_THERE = "image => image.complete && image.naturalWidth > 0"
LATE = ("code.svg", "clipboard-copy-element", "_copy")


def asked_for(page: Page) -> list[str]:
    """Return which parts of the invitation the page has fetched so far."""
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
    return [part for part in LATE if any(part in name for name in names)]


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_address_is_copied_and_its_code_is_shown(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize, scheme: str
) -> None:
    opened = window(viewport=screen, color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    page.goto(f"{server.url}/{room}/")
    expect(page.locator("#people-count")).not_to_be_empty()
    box(page).fill("half-typed")
    assert asked_for(page) == []
    page.get_by_role("button", name="Invite", exact=True).click()
    shown = page.get_by_role("region", name="Invite others")
    expect(shown.get_by_text(f"{server.url}/{room}/")).to_be_visible()
    code = shown.get_by_role("img", name="QR code of the address")
    expect(code).to_be_visible()
    page.wait_for_function(IS_THERE, arg=code.element_handle())
    assert page.evaluate(FITS)
    copy = shown.get_by_role("button", name="Copy the address")
    copy.focus()
    page.keyboard.press("Enter")
    expect(shown.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/{room}/"
    assert asked_for(page) == list(LATE)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(page.get_by_role("button", name="Invite", exact=True)).to_be_focused()
    expect(box(page)).to_have_value("half-typed")


def test_without_scripts_the_address_and_the_code_are_shown_too(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window(viewport=PHONE, java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text(f"{server.url}/{room}/")).to_be_visible()
    expect(page.get_by_role("img", name="QR code of the address")).to_be_visible()
    expect(page.locator("#invite-copy")).to_be_hidden()
