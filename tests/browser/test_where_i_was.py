"""A person who comes back finds the rooms on the first page, and the place where they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import fill_room, join, message, say
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.database_shell import room_id, shell
from tests.support.window import Window


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_person_goes_away_and_comes_back(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    ann, bob = window(viewport=screen).page, window(viewport=screen).page
    for page in (ann, bob):
        join(page, f"{server.url}/{room}/")
    say(ann, "I am off")
    expect(message(bob, "I am off")).to_be_visible()
    ann.goto(f"{server.url}/")
    expect(ann.get_by_role("link", name=room)).to_be_visible()
    noted = f"SELECT count(*) FROM room_reader WHERE room_id = {room_id(server.database, room)}"
    while shell(server.database, noted) == [["0"]]:
        ann.wait_for_timeout(50)
    fill_room(server.database, room, [("bob", f"row {number}") for number in range(1, 31)])
    say(bob, "row 31")
    ann.reload()
    expect(ann.get_by_text("31 new messages")).to_be_visible()
    assert violations(ann) == []
    assert ann.evaluate(FITS)
    ann.get_by_role("link", name=room).click()
    expect(message(ann, "row 31")).to_be_in_viewport()
    expect(ann.get_by_text("New since you were here")).to_have_count(1)
    assert violations(ann) == []
    ann.get_by_role("link", name="31 new messages").click()
    expect(message(ann, "row 1")).to_be_in_viewport()
    expect(ann.get_by_text("New since you were here")).to_be_in_viewport()
    expect(ann.get_by_role("link", name="31 new messages")).to_have_count(0)
    # Bob's next message comes below all of it.
    say(bob, "row 32")
    expect(ann.locator("#chat > li").last.locator("p")).to_have_text("row 32")
    ann.goto(f"{server.url}/")
    ann.get_by_role("button", name="Forget them").click()
    expect(ann.get_by_text("Your rooms")).to_have_count(0)
