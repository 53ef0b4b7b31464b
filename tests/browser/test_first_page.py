"""The first page: a wave that everybody sees, first words that make a room, and a real room where one is named."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.rooms import fill_room, message, say, shown, take_name, tell
from tests.support.app_server import AppServer
from tests.support.window import Window

HAIKU = re.compile(r"/[a-z]+-[a-z]+-\d+/$")


def open_first(server: AppServer, page: Page) -> None:
    """Open the first page, and wait until its socket is joined."""
    page.goto(server.url)
    expect(page.locator("#joined > i")).to_have_count(1)


def test_everybody_on_the_first_page_sees_a_wave_and_how_many_are_there(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    ann, bob = window().page, window().page
    # A name that somebody chose must not come to a page that everybody sees.
    ann.goto(f"{server.url}/{room}/")
    take_name(ann, "A Rude Name")
    frames: list[str] = []
    bob.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    for page in (ann, bob):
        open_first(server, page)
    for page in (ann, bob):
        expect(page.locator("#people-count")).to_have_text("2 here")
    before = int(re.sub(r"\D", "", bob.locator("#wave-1").inner_text()))
    for count in (1, 2):
        ann.get_by_role("button", name="Wave").click()
        for page in (ann, bob):
            expect(page.locator("#wave-1")).to_have_text(re.compile(rf"\b{before + count}$"))
    assert frames
    assert not any("Rude" in frame for frame in frames)


def test_the_first_words_make_a_room_with_them_said(server: AppServer, window: Callable[..., Window]) -> None:
    for options in ({}, {"java_script_enabled": False}):
        page = window(**options).page
        page.goto(server.url)
        page.get_by_label("The first words").fill("hello there")
        page.get_by_role("button", name="Start a room").click()
        expect(page).to_have_url(HAIKU)
        expect(message(page, "hello there")).to_be_visible()
        # They are the visitor's own, as all that it says there.
        mark = page.locator("#chat > li").get_attribute("data-by") or ""
        assert mark[:9] in (page.locator("link[href^='/me/']").get_attribute("href") or "")


def test_without_words_a_room_is_made_as_well(server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(server.url)
    page.get_by_role("button", name="Start a room").click()
    expect(page).to_have_url(HAIKU)
    assert shown(page) == []


def test_words_that_cannot_be_said_come_back_and_make_no_room(server: AppServer, window: Callable[..., Window]) -> None:
    opened = window()
    opened.allow("422")
    page = opened.page
    page.goto(server.url)
    text = "x" * 2001
    page.get_by_label("The first words").fill(text)
    page.get_by_role("button", name="Start a room").click()
    expect(page.locator("#composer-error")).to_contain_text("2,000 characters")
    expect(page.get_by_label("The first words")).to_have_value(text)


def test_a_wave_without_scripts_counts(server: AppServer, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(server.url)
    before = int(re.sub(r"\D", "", page.locator("#wave-1").inner_text()))
    page.get_by_role("button", name="Wave").click()
    expect(page.locator("#wave-1")).to_have_text(re.compile(rf"\b{before + 1}$"))


def test_a_deployment_shows_a_room_of_its_own(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    server = serve(FRONT_ROOM="Lobby")
    ann, bob = window().page, window().page
    ann.goto(f"{server.url}/lobby/")
    fill_room(server.database, "lobby", [("Ann", "old words")])
    open_first(server, bob)
    expect(message(bob, "old words")).to_be_visible()
    say(ann, "new words")
    expect(message(bob, "new words")).to_be_visible()
    # A reader of the first page is not in the room.
    expect(bob.locator("#people-count")).to_have_text("1 here")
    expect(ann.locator("#people-count")).to_have_text("1 here")
    tell(server.database, "DELETE FROM message WHERE message = 'old words'")
    expect(message(bob, "old words")).to_have_count(0)
    bob.get_by_role("link", name="Join").click()
    expect(bob).to_have_url(f"{server.url}/lobby/")
