"""The pages of features that `python -m webapp new` wrote, in real windows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.window import Window

TYPED = {
    "Title": "Harvest",
    "Notes": "Bring baskets\nand ladders",
    "Seats": "12",
    "Day": "2026-05-14",
    "Starts at (UTC)": "2026-05-14T18:30",
    "Price": "12.50",
}
SHOWN = ("Harvest", "Bring baskets", "Seats: 12", "Day: 2026-05-14", "Starts at: 2026-05-14 18:30 UTC", "Price: 12.50")


@pytest.fixture
def events(app: AppServer) -> AppServer:
    """The app with no event."""
    shell(app.database, "DELETE FROM event")
    return app


def opened(window: Window, server: AppServer, path: str) -> Page:
    """The page in that window, its socket open."""
    with window.page.expect_websocket():
        window.page.goto(server.url + path)
    return window.page


def add(page: Page, **instead: str) -> None:
    """Fill in the form for a new event, and send it."""
    for label, text in {**TYPED, **instead}.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Add", exact=True).click()


def row(page: Page, text: str) -> Locator:
    """The row that says `text`."""
    return page.get_by_role("listitem").filter(has_text=text)


def test_two_windows_follow_a_row_with_a_field_of_each_type(events: AppServer, window: Callable[..., Window]) -> None:
    ann, bob = (opened(window(), events, "/events/7/") for _ in range(2))
    for page in (ann, bob):
        expect(page.get_by_text("Nothing here yet")).to_be_visible()
    ann.get_by_label("Urgent", exact=True).check()
    add(ann)
    for text in (*SHOWN, "✓ Urgent"):
        expect(row(bob, "Harvest")).to_contain_text(text)
    expect(bob.get_by_text("Nothing here yet")).to_be_hidden()

    # A button goes over the socket, and who works with a keyboard is still at it.
    ann.get_by_role("button", name="Not urgent: Harvest", exact=True).press("Enter")
    expect(row(bob, "Harvest").get_by_text("✓ Urgent")).to_have_count(0)
    expect(ann.get_by_role("button", name="Urgent: Harvest", exact=True)).to_be_focused()

    row(bob, "Harvest").get_by_role("link").click()
    for label, text in TYPED.items():
        shown = bob.get_by_label(f"New {label[:1].lower()}{label[1:]}", exact=True)
        # A box for a moment shows its seconds when they are not none.
        expect(shown).to_have_value(re.compile(re.escape(text)))
    bob.get_by_label("New seats", exact=True).fill("14")
    bob.get_by_role("button", name="Save", exact=True).click()
    expect(row(ann, "Harvest")).to_contain_text("Seats: 14")
    for text in SHOWN[3:]:
        expect(row(ann, "Harvest")).to_contain_text(text)

    ann.get_by_role("button", name="Delete: Harvest", exact=True).click()
    for page in (ann, bob):
        expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_what_cannot_be_stored_is_refused_in_words_and_stands_in_its_box(
    events: AppServer, window: Callable[..., Window]
) -> None:
    one = window()
    one.allow("422")
    page = opened(one, events, "/events/7/")
    page.get_by_label("Urgent", exact=True).check()
    add(page, Seats="99999999999")
    expect(page.get_by_role("alert").filter(has_text="The seats would be too large")).to_be_visible()
    for label, text in {**TYPED, "Seats": "99999999999"}.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    expect(page.get_by_label("Urgent", exact=True)).to_be_checked()
    assert violations(page) == []
    page.get_by_label("Seats", exact=True).fill("3")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row(page, "Seats: 3")).to_be_visible()

    row(page, "Harvest").get_by_role("link").click()
    page.get_by_label("New price", exact=True).fill("99999999999")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="The price")).to_be_visible()
    expect(page.get_by_label("New price", exact=True)).to_have_value("99999999999")
    expect(row(page, "Price: 12.50")).to_be_visible()


def test_each_list_has_a_page_of_its_own(events: AppServer, window: Callable[..., Window]) -> None:
    seven, eight = opened(window(), events, "/events/7/"), opened(window(), events, "/events/8/")
    add(seven)
    expect(row(seven, "Harvest")).to_be_visible()
    columns = "list, title, seats, day, starts_at, price"
    values = "8, 'Sowing', 2, '2026-03-01', '2026-03-01 09:00:00+00:00', '3.00'"
    shell(events.database, f"INSERT INTO event ({columns}) VALUES ({values})")
    expect(row(eight, "Sowing")).to_be_visible()
    expect(seven.get_by_role("listitem")).to_have_count(1)
    expect(eight.get_by_role("listitem")).to_have_count(1)


def test_rows_that_have_nothing_to_be_known_by_are_known_by_their_number(
    app: AppServer, window: Callable[..., Window]
) -> None:
    page = opened(window(), app, "/yeses/")
    page.get_by_label("Two", exact=True).check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row(page, "✓ Two")).to_contain_text("Yes 1")
    page.get_by_role("button", name="One: Yes 1", exact=True).click()
    expect(row(page, "✓ One")).to_contain_text("✓ Two")
    page.goto(f"{app.url}/notes/")
    page.get_by_label("Body", exact=True).fill("One line\nand another")
    page.get_by_role("button", name="Add", exact=True).click()
    row(page, "and another").get_by_role("link", name="Note 1").click()
    page.get_by_label("New body", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row(page, "Note 1")).not_to_contain_text("another")


def test_without_scripts_the_forms_do_the_same(events: AppServer, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(f"{events.url}/events/7/")
    add(page)
    page.get_by_role("button", name="Urgent: Harvest", exact=True).click()
    expect(row(page, "✓ Urgent")).to_be_visible()
    row(page, "Harvest").get_by_role("link").click()
    page.get_by_label("New title", exact=True).fill("Sowing")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Delete: Sowing", exact=True).click()
    expect(page.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_axe_finds_nothing(
    events: AppServer, window: Callable[..., Window], scheme: str, width: int
) -> None:
    page = opened(window(color_scheme=scheme, viewport={"width": width, "height": 740}), events, "/events/7/")
    assert violations(page) == []
    add(page, Title="x" * 100, Notes="y" * 300)
    page.get_by_role("link", name="x" * 100).click()
    expect(page.get_by_label("New title", exact=True)).to_be_focused()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
