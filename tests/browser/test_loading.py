"""A page comes to life however slowly and in whatever order its parts arrive."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.rooms import box, message, say
from tests.support.app_server import AppServer
from tests.support.window import Window

PAUSE = "() => new Promise(resolve => setTimeout(resolve, 50))"


@pytest.mark.parametrize("late", ["hx-ws.min.js", "hx-upsert.min.js", "htmx.min.js", "bundle.js"])
def test_the_room_connects_when_a_script_is_late(
    server: AppServer, room: str, window: Callable[..., Window], late: str
) -> None:
    page = window().page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{late}?*", hold)
    with page.expect_websocket() as opened:
        with page.expect_request(f"**/{late}?*"):
            page.goto(f"{server.url}/{room}/", wait_until="commit")
        # Time enough for the scripts that did arrive to start without the one that did not.
        page.evaluate(PAUSE)
        held[0].continue_()
    assert urlsplit(opened.value.url).path == f"/{room}/live"
    expect(box(page)).to_be_visible()
    say(page, late)
    expect(message(page, late)).to_be_visible()
