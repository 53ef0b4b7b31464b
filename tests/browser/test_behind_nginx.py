"""A real browser behind a real nginx whose configuration loses the port, as those of many tutorials do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.rooms import box, message, name_box, say, take_name
from tests.support.app_server import AppServer
from tests.support.nginx_server import NginxServer
from tests.support.window import Window


@pytest.fixture(scope="module")
def nginx(server: AppServer) -> Iterator[NginxServer]:
    with NginxServer(server.port, "proxy_set_header Host $host;") as running:
        yield running


def test_two_people_talk_and_one_without_scripts_does(
    nginx: NginxServer, room: str, window: Callable[..., Window]
) -> None:
    ann, plain = window().page, window(java_script_enabled=False).page
    ann.goto(f"{nginx.url}/{room}")
    assert ann.url == f"{nginx.url}/{room}/"
    take_name(ann, "Ann")
    say(ann, "over the socket")
    expect(message(ann, "over the socket")).to_be_visible()
    plain.goto(f"{nginx.url}/{room}/")
    expect(message(plain, "over the socket")).to_be_visible()
    name_box(plain).fill("Plain")
    box(plain).fill("by a form")
    plain.get_by_role("button", name="Send").click()
    expect(message(ann, "by a form")).to_be_visible()
    expect(message(plain, "by a form")).to_be_visible()
    assert plain.url == f"{nginx.url}/{room}/"
