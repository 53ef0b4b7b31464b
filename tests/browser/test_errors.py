"""What people see when something is wrong: a page with words for them, and a way on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.rooms import fill_room, message, say, tell
from tests.browser.windows import Window
from tests.servers import AppServer


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


def test_a_row_that_cannot_be_read_says_sorry_without_details(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    server = serve()
    server.expected.extend(["ERROR", "Traceback"])
    visitor = window()
    visitor.allow("500")
    visitor.page.goto(f"{server.url}/room/")
    fill_room(server.database, "room", [("Ann", "hello")])
    tell(server.database, "UPDATE message SET timestamp = 'never'")
    answer = visitor.page.goto(f"{server.url}/room/")
    assert answer is not None
    assert answer.status == 500
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Something broke on our side")
    words = visitor.page.locator("body").inner_text()
    assert "message" not in words.lower()
    assert "traceback" not in words.lower()
    tell(server.database, "DELETE FROM message")
    visitor.page.goto(f"{server.url}/room/")
    say(visitor.page, "and it works again")
    expect(message(visitor.page, "and it works again")).to_be_visible()
