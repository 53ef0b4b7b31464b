"""In a shipped theme everything that is live works: talk, values, and what comes after a lost connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.board import add, button, delete, edit, new_name, number, open_board, value
from tests.browser.rooms import fill_room, message, shown, texts
from tests.browser.test_restart import AWAY
from tests.support.app_server import AppServer
from tests.support.window import Window
from tests.themes.conftest import SHIPPED


def opened(window: Window, url: str) -> Page:
    """A room in that window, once it has its socket."""
    with window.page.expect_websocket():
        window.page.goto(url)
    return window.page


def say(page: Page, text: str) -> None:
    """Type a message, press Enter, and wait for the box to be empty. The label of the box is the theme's to say."""
    box = page.locator("#message")
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")


def test_what_one_says_another_reads_with_its_name_and_both_see_one_order(
    themed: AppServer, room: str, window: Callable[..., Window]
) -> None:
    ann, bob = (opened(window(), f"{themed.url}/{room}/") for _ in range(2))
    with ann.expect_response("**/me/"):
        ann.locator("#handle").fill("Ann")
        ann.locator("#handle").press("Tab")
    say(ann, "hello")
    expect(message(bob, "hello").locator("b")).to_be_visible()
    say(bob, "hello, too")
    say(ann, "and\nmore")
    for page in (ann, bob):
        expect(page.locator("#chat li")).to_have_count(3)
    assert shown(ann) == shown(bob)
    assert shown(ann)[0] == ("Ann", "hello")
    expect(bob.locator("#people-count")).to_have_text("2 here")


def test_several_lines_a_refusal_and_a_command_work(
    themed: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = opened(window(), f"{themed.url}/{room}/")
    page.locator(".composer__several").click()
    page.locator("#lines").fill("one\ntwo")
    page.locator("#composer > button").click()
    expect(page.locator("#chat p")).to_have_text("one\ntwo")
    page.locator(".composer__several").click()
    say(page, "/set score 3")
    expect(page.locator(".room-values output")).to_have_text("3")
    page.locator("#message").fill("   ")
    page.locator("#message").press("Enter")
    expect(page.locator("#composer-error")).not_to_be_empty()


def test_older_messages_come_when_one_scrolls_up(themed: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = opened(window(), f"{themed.url}/{room}/")
    fill_room(themed.database, room, (("Ann", f"message {each}") for each in range(120)))
    page.reload()
    expect(message(page, "message 119")).to_be_in_viewport()
    page.locator("#scroller").evaluate("element => element.scrollTo(0, -element.scrollHeight)")
    expect(page.locator("#history li[id]").first).to_be_attached()
    expect(message(page, "message 20")).to_have_count(1)


def test_values_are_added_pressed_edited_and_deleted_for_everybody(
    themed: AppServer, window: Callable[..., Window]
) -> None:
    one, other = window().page, window().page
    for page in (one, other):
        open_board(page, themed.url)
    name = new_name()
    add(one, name, "41")
    expect(number(other, name)).to_have_text("41")
    button(other, name, "+1").click()
    for page in (one, other):
        expect(number(page, name)).to_have_text("42")
    form = edit(one, name)
    form.get_by_label("Name").fill(f"{name}, renamed")
    form.get_by_role("button", name="Save").click()
    expect(number(other, f"{name}, renamed")).to_have_text("42")
    delete(one, f"{name}, renamed")
    expect(value(other, f"{name}, renamed")).to_have_count(0)


@pytest.mark.parametrize("theme", SHIPPED)
def test_after_a_lost_connection_a_page_shows_what_it_missed(
    serve: Callable[..., AppServer], window: Callable[..., Window], theme: str
) -> None:
    server = serve(THEME=theme)
    visitor = window()
    visitor.allow(*AWAY)
    page = opened(visitor, f"{server.url}/storm/")
    say(page, "before")
    expect(message(page, "before")).to_be_visible()
    server.kill9()
    expect(page.locator("#banner > span")).to_be_visible()
    page.locator("#message").fill("half-typed")
    fill_room(server.database, "storm", [("Bob", "meanwhile")])
    server.start()
    expect(message(page, "meanwhile")).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator("#message")).to_have_value("half-typed")
    assert texts(page) == ["before", "meanwhile"]
