"""The search in a room, in a browser: results as one types, by keyboard, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import fill_room, join, say
from tests.browser.screens import DESKTOP, FITS, PHONE
from tests.support.app_server import AppServer
from tests.support.window import Window


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_results_come_as_one_types_and_lead_into_the_talk_and_back(
    server: AppServer, room: str, window: Callable[..., Window], screen: ViewportSize
) -> None:
    page = window(viewport=screen).page
    join(page, f"{server.url}/{room}/")
    for text in ("Who brings the tent?", "I have a teapot", "今天天气很好"):
        say(page, text)
    fill_room(server.database, room, [("ben", f"and so on {number}") for number in range(60)])
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type("te")
    expect(page.locator(".search__text")).to_have_text(["I have a teapot", "Who brings the tent?"])
    expect(page.locator("mark")).to_have_text(["teapot", "tent"])
    page.keyboard.type("ap")
    expect(page.locator(".search__text")).to_have_text(["I have a teapot"])
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert violations(page) == []
    assert page.evaluate(FITS)
    page.get_by_role("searchbox").fill("天气")
    expect(page.locator("mark")).to_have_text(["天气"])
    page.get_by_text("By whom and when").click()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("textbox", name="Name").fill("be")
    expect(page.locator(".search__text").first).to_have_text("and so on 59")
    assert violations(page) == []
    page.get_by_role("link", name="Older ones").click()
    expect(page.locator(".search__text").last).to_have_text("and so on 0")
    page.get_by_role("searchbox").fill("tent")
    page.get_by_role("textbox", name="Name").fill("")
    expect(page.locator(".search__text")).to_have_text(["Who brings the tent?"])
    page.locator(".search__text").click()
    expect(page.locator("#log li:target")).to_contain_text("Who brings the tent?")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("tent")
    expect(page.locator(".search__text")).to_have_text(["Who brings the tent?"])
    assert page.locator(".search__text").count() == 1


def test_without_scripts_enter_searches(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    fill_room(server.database, room, [("ben", "green tea"), ("ben", "coffee")])
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("tea")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".search__text")).to_have_text(["green tea"])
    expect(page.get_by_role("searchbox")).to_have_value("tea")


def test_a_search_that_comes_late_does_not_replace_a_newer_one(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    join(page, f"{server.url}/{room}/")
    fill_room(server.database, room, [("ben", "tea"), ("ben", "coffee")])
    page.goto(f"{server.url}/{room}/search")
    with page.expect_request("**/search?q=tea*"):
        page.route("**/search?q=tea*", lambda route: None)
        page.get_by_role("searchbox").fill("tea")
    page.get_by_role("searchbox").fill("coffee")
    expect(page.locator(".search__text")).to_have_text(["coffee"])
