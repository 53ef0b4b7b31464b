"""A room on paper: what was said, and nothing that only works on a screen."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.rooms import fill_room, say, texts
from tests.support.app_server import AppServer
from tests.support.window import Window

INK = """() => ["backgroundColor", "color"].map(name => getComputedStyle(document.documentElement)[name])"""
CUT = """() => [...document.querySelectorAll("#chat > li")].filter(
    li => li.scrollHeight > li.clientHeight + 1 || li.getBoundingClientRect().height === 0).length"""
GONE = ("#composer", "#typing", "#banner", ".scroller__jump", ".people__button", ".header form", ".messages__older")
LINK = "element => getComputedStyle(element).textDecorationLine"


def printed(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    visitor = window(color_scheme="dark")
    page = visitor.page
    page.goto(f"{server.url}/{room}/")
    say(page, "0 first")
    expect(page.locator("#chat > li")).to_have_count(1)
    said = ("short", "see https://example.com/a/path", "a long one " * 60, "two\nlines")
    fill_room(server.database, room, ((f"Name {each}", f"{each} {said[each % 4]}") for each in range(1, 120)))
    expect(page.locator("#chat > li")).to_have_count(120)
    page.emulate_media(media="print", color_scheme="dark")
    return page


def test_all_messages_are_printed_in_order_and_none_is_cut_off(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = printed(server, room, window)
    assert [int(text.split()[0]) for text in texts(page)] == list(range(120))
    assert page.evaluate(CUT) == 0
    # On paper nothing scrolls: the list is as high as all that it holds.
    assert page.locator("#scroller").evaluate("element => element.scrollHeight <= element.clientHeight")
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert pages > 3


def test_nothing_that_only_works_on_a_screen_is_printed(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = printed(server, room, window)
    for gone in GONE:
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    expect(page.get_by_role("heading", name=room)).to_be_visible()


def test_it_is_printed_black_on_white_with_readable_links(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = printed(server, room, window)
    assert page.evaluate(INK) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    link = page.get_by_role("link", name="https://example.com/a/path").first
    expect(link).to_be_visible()
    assert link.evaluate(LINK) == "underline"
