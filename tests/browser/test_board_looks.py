"""The board fits every screen, and works for a keyboard, a screen reader and eyes that need contrast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.board import add, button, edit, name_box, number, open_board, value
from tests.browser.rooms import tell
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.window import Window

INSIDE = "element => element.scrollWidth <= element.clientWidth + 1"
HARD = {
    "Apples": 12,
    "W" * 100: -9223372036854775808,
    "many words " * 9 + "!": 9223372036854775807,
    "مرحبا بالجميع، كيف حالكم اليوم؟": -3,
    "👩‍👩‍👧‍👦" * 14: 0,
}
STATES = ("empty", "full", "refused", "editing", "deleted", "asking")


@pytest.fixture
def own_server(serve: Callable[..., AppServer]) -> AppServer:
    return serve()


def fill(server: AppServer) -> None:
    tell(server.database, "INSERT INTO integervalue (name, value) VALUES (?, ?)", HARD.items())


def show(page: Page, server: AppServer, what: str) -> None:
    """Bring the board up as `what` says."""
    tell(server.database, "DELETE FROM integervalue")
    if what != "empty":
        fill(server)
    open_board(page, server.url)
    if what == "refused":
        name_box(page).fill("Apples")
        name_box(page).press("Enter")
        expect(page.locator("#value-new-problem")).to_contain_text("taken")
    if what in ("editing", "deleted"):
        edit(page, "Apples")
    if what == "deleted":
        tell(server.database, "DELETE FROM integervalue WHERE name = 'Apples'")
        expect(page.locator("form.edit-value").get_by_role("status")).to_be_visible()
    if what == "asking":
        button(page, "Apples", "Delete").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(own_server: AppServer, window: Callable[..., Window], scheme: str) -> None:
    page = window(color_scheme=scheme).page
    for what in STATES:
        show(page, own_server, what)
        for screen in (PHONE, DESKTOP):
            page.set_viewport_size(screen)
            assert violations(page) == [], (what, screen)


def test_nothing_is_wider_than_a_phone(own_server: AppServer, window: Callable[..., Window]) -> None:
    page = window(viewport=PHONE).page
    for what in STATES:
        show(page, own_server, what)
        assert page.evaluate(FITS), what
        for row in page.locator(".value").all():
            row.scroll_into_view_if_needed()
            assert row.evaluate(INSIDE), what
            assert page.evaluate(FITS), what


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_numbers_end_in_one_line_of_equally_wide_figures(
    own_server: AppServer, window: Callable[..., Window], screen: ViewportSize
) -> None:
    page = window(viewport=screen).page
    show(page, own_server, "full")
    ends = set()
    for name in HARD:
        page.locator("output").nth(list(HARD).index(name)).scroll_into_view_if_needed()
        box = page.locator("output").nth(list(HARD).index(name)).bounding_box()
        assert box is not None
        ends.add(round(box["x"] + box["width"]))
    assert len(ends) == 1
    shape = "element => [getComputedStyle(element).fontVariantNumeric, getComputedStyle(element).whiteSpace]"
    assert page.locator("output").first.evaluate(shape) == ["tabular-nums", "nowrap"]


def test_an_empty_board_says_what_to_do(own_server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    show(page, own_server, "empty")
    hint = page.get_by_role("heading", name="Nothing is counted yet")
    expect(hint).to_be_visible()
    add(page, "Apples")
    expect(hint).to_be_hidden()
    tell(own_server.database, "DELETE FROM integervalue")
    expect(hint).to_be_visible()
    expect(value(page, "Apples")).to_have_count(0)


def test_tab_goes_through_a_value_in_reading_order(own_server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    show(page, own_server, "empty")
    add(page, "Apples")
    name_box(page).focus()
    stops = []
    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none", stops
    assert stops == ["value", "Add", "−1", "+1", "Edit", "Delete"]


def test_a_new_number_is_not_read_out_to_everybody(own_server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    show(page, own_server, "empty")
    add(page, "Apples")
    expect(number(page, "Apples")).to_have_attribute("aria-live", "off")


def test_on_a_phone_the_name_of_a_new_value_has_a_line_of_its_own(
    server: AppServer, window: Callable[..., Window]
) -> None:
    page = window(viewport=PHONE).page
    open_board(page, server.url)
    form, name = page.locator("#value-new").bounding_box(), name_box(page).bounding_box()
    assert form is not None
    assert name is not None
    assert name["width"] > form["width"] * 0.9
