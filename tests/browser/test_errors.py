"""What people see when something is wrong: a page with words for them, and a way on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.rooms import fill_room, message, say, tell
from tests.support.app_server import AppServer
from tests.support.window import Window


@pytest.mark.parametrize("path", ["no/such/page", "what?/", "a.b/", "static/nothing.css", "w" * 51 + "/"])
def test_an_address_that_leads_nowhere_says_so_kindly(
    server: AppServer, window: Callable[..., Window], path: str
) -> None:
    visitor = window()
    visitor.allow("404")
    answer = visitor.page.goto(f"{server.url}/{path.replace('?', '%3F')}")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    visitor.page.get_by_role("link", name="Go to the start").click()
    expect(visitor.page.get_by_role("button", name="Start a room")).to_be_visible()


FAULTY = """
from webapp.chat.models import Room
from webapp.cli import main
Room.page = None
raise SystemExit(main(["serve"]))
"""
"""A server with a fault of its own in every room."""


def test_a_fault_of_ours_says_sorry_without_details(tmp_path: Path, window: Callable[..., Window]) -> None:
    with AppServer(tmp_path, command=(sys.executable, "-c", FAULTY)) as server:
        visitor = window()
        visitor.allow("500")
        answer = visitor.page.goto(f"{server.url}/room/")
        assert answer is not None
        assert answer.status == 500
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Something broke on our side")
        words = visitor.page.locator("body").inner_text()
        assert "nonetype" not in words.lower()
        assert "traceback" not in words.lower()


def test_a_message_that_cannot_be_read_is_missing_alone_and_shows_when_it_is_repaired(
    server: AppServer, window: Callable[..., Window], room: str
) -> None:
    visitor = window()
    visitor.page.goto(f"{server.url}/{room}/")
    fill_room(server.database, room, [("Ann", f"lost in {room}"), ("Ann", "and found")])
    expect(message(visitor.page, "and found")).to_be_visible()
    whose = f"WHERE message = 'lost in {room}'"
    tell(server.database, f"UPDATE message SET timestamp = 'never' {whose}")
    expect(message(visitor.page, f"lost in {room}")).to_have_count(0)
    answer = visitor.page.goto(f"{server.url}/{room}/")
    assert answer is not None
    assert answer.status == 200
    say(visitor.page, "it works")
    expect(message(visitor.page, "it works")).to_be_visible()
    expect(message(visitor.page, f"lost in {room}")).to_have_count(0)
    tell(server.database, f"UPDATE message SET timestamp = CURRENT_TIMESTAMP {whose}")
    expect(message(visitor.page, f"lost in {room}")).to_be_visible()
    expect(visitor.page.locator("#chat > li")).to_have_count(3)
