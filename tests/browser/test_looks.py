"""A reader's view beside the words: nothing jumps, one's own messages are told apart, wishes of the system count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import fill_room, message, say
from tests.support.app_server import AppServer
from tests.support.window import Window

SHIFTS = """() => new Promise(done => {
    const found = [];
    new PerformanceObserver(list => found.push(...list.getEntries().map(each => each.value)))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(found.reduce((sum, each) => sum + each, 0)), 300);
})"""


def style(page: Page, selector: str, name: str) -> Any:
    return page.locator(selector).first.evaluate("(each, name) => getComputedStyle(each)[name]", name)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_moves_when_times_and_people_come(
    server: AppServer, room: str, window: Callable[..., Window], width: int
) -> None:
    page = window(viewport={"width": width, "height": 800}, timezone_id="Asia/Tokyo").page
    page.goto(f"{server.url}/{room}/")
    fill_room(server.database, room, [(name, f"message {n}") for n in range(15) for name in ("Ann", "Bob")])
    for path in ("/", f"/{room}/", "/values/"):
        page.goto(f"{server.url}{path}")
        expect(page.locator("#joined > i")).to_have_count(1)
        if path != "/values/":
            expect(page.locator("#people-count")).not_to_be_empty()
            expect(page.locator("relative-time:not([title])")).to_have_count(0)
        assert page.evaluate(SHIFTS) < 0.01, path


def test_ones_own_messages_look_different_to_oneself_alone(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    ann, bob = window().page, window().page
    for page in (ann, bob):
        page.goto(f"{server.url}/{room}/")
    say(ann, "from ann")
    say(bob, "from bob")
    for page in (ann, bob):
        for text in ("from ann", "from bob"):
            expect(message(page, text)).to_be_visible()
    assert style(ann, "#chat > li:nth-child(1)", "backgroundImage") != style(
        ann, "#chat > li:nth-child(2)", "backgroundImage"
    )
    assert style(ann, "#chat > li:nth-child(1)", "backgroundImage") == style(
        bob, "#chat > li:nth-child(2)", "backgroundImage"
    )


def test_somebody_who_wants_less_motion_sees_none(server: AppServer, window: Callable[..., Window]) -> None:
    still = window(reduced_motion="reduce").page
    still.goto(server.url)
    assert style(still, ".wave__count span", "animationName") == "none"
    moving = window().page
    moving.goto(server.url)
    assert style(moving, ".wave__count span", "animationName") == "wave-hand"


def test_somebody_who_wants_more_contrast_gets_it(server: AppServer, window: Callable[..., Window]) -> None:
    page = window(contrast="more", color_scheme="light").page
    page.goto(server.url)
    assert style(page, "html", "backgroundColor") == "rgb(255, 255, 255)"
    assert style(page, "html", "color") == "rgb(0, 0, 0)"


def test_a_scheme_can_be_forced_by_one_property(server: AppServer, window: Callable[..., Window]) -> None:
    page = window(color_scheme="light").page
    page.goto(server.url)
    by_day = style(page, "html", "backgroundColor")
    page.evaluate("() => { document.documentElement.style.colorScheme = 'dark' }")
    assert style(page, "html", "backgroundColor") != by_day


def test_where_the_system_chooses_the_colours_discs_keep_their_shape(
    server: AppServer, window: Callable[..., Window]
) -> None:
    page = window(forced_colors="active").page
    page.goto(server.url)
    border = "each => getComputedStyle(each, '::before').borderTopWidth"
    assert page.locator(".messages > li").first.evaluate(border) == "1px"
