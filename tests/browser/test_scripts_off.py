"""Everything that matters works without scripts, by links and a form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.rooms import box, fill_room, message, name_box, shown
from tests.support.app_server import AppServer
from tests.support.window import Window


@pytest.fixture
def plain(server: AppServer, room: str, window: Callable[..., Window]) -> Window:
    visitor = window(java_script_enabled=False)
    visitor.page.goto(f"{server.url}/{room}/")
    return visitor


def read(page: Page) -> list[str]:
    """The texts of all messages, on the room's page and on those of its history."""
    return page.locator("li[id] p").all_text_contents()


def follow(link: Locator) -> None:
    """Click, and wait for the page that comes to be whole: `read` takes what is there."""
    with link.page.expect_event("load"):
        link.click()


def test_the_room_can_be_read_with_its_times_in_utc(server: AppServer, room: str, plain: Window) -> None:
    fill_room(server.database, room, [("Ann", "hello"), ("Bob", "hi")])
    plain.page.reload()
    assert read(plain.page) == ["hello", "hi"]
    expect(plain.page.locator("li[id] relative-time").first).to_have_text(
        re.compile(r"^\d\d? [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC$")
    )


def test_the_form_says_a_message_and_the_name_stays(plain: Window, window: Callable[..., Window]) -> None:
    page = plain.page
    name_box(page).fill("Plain Ann")
    box(page).fill("said by a form")
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.get_by_role("button", name="Send").click()
    assert posted.value.status == 303
    expect(message(page, "said by a form")).to_be_visible()
    expect(name_box(page)).to_have_value("Plain Ann")
    expect(box(page)).to_have_value("")
    live = window().page
    live.goto(page.url)
    assert shown(live) == [("Plain Ann", "said by a form")]
    name_box(page).fill("")
    box(page).fill("and again")
    box(page).press("Enter")
    expect(message(live, "and again")).to_be_visible()
    guest = name_box(page).get_attribute("placeholder")
    assert shown(live)[1] == (guest, "and again")


@pytest.mark.parametrize(("text", "reason"), [("   ", "Write something first"), ("z" * 2001, "too long: 2,000")])
def test_an_error_keeps_what_was_typed_and_says_why(plain: Window, text: str, reason: str) -> None:
    plain.allow("422")
    page = plain.page
    name_box(page).fill("Ann")
    box(page).fill(text)
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        box(page).press("Enter")
    assert posted.value.status == 422
    expect(page.get_by_role("alert")).to_contain_text([reason])
    expect(box(page)).to_have_value(text)
    expect(name_box(page)).to_have_value("Ann")
    assert read(page) == []


def test_links_lead_back_to_the_first_message_ever(server: AppServer, room: str, plain: Window) -> None:
    page = plain.page
    fill_room(server.database, room, [("Ann", f"message {number}") for number in range(170)])
    page.reload()
    found = read(page)
    steps = 0
    while (link := page.get_by_role("link", name="Older messages")).count():
        follow(link.first)
        found = read(page) + found
        steps += 1
    assert steps == 3
    assert found == [f"message {number}" for number in range(170)]
    follow(page.get_by_role("link", name="Back to now").first)
    assert read(page)[-1] == "message 169"


def test_a_page_without_scripts_loads_itself_again_unless_somebody_writes(
    server: AppServer, room: str, plain: Window
) -> None:
    page = plain.page
    refresh = page.locator('meta[http-equiv="refresh"]')
    expect(refresh).to_have_attribute("content", "20")
    page.get_by_role("link", name="Hold it while I write").click()
    expect(refresh).to_have_count(0)
    fill_room(server.database, room, [("Bob", "news")])
    page.get_by_role("link", name="Show what is new").click()
    expect(message(page, "news")).to_be_visible()
    expect(refresh).to_have_count(1)


def test_a_new_room_by_the_button(server: AppServer, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(server.url)
    page.get_by_role("button", name="Start a room").click()
    expect(page).to_have_url(re.compile(r"/[a-z]+-[a-z]+-\d{4}/$"))
