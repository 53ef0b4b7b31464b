"""The server dies in the middle of the talk and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product

from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, say, texts
from tests.support.app_server import AppServer
from tests.support.window import Window

AWAY = ("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET")


def open_rooms(window: Callable[..., Window], url: str) -> list[Page]:
    pages = []
    for _ in range(2):
        opened = window()
        opened.allow(*AWAY)
        with opened.page.expect_websocket():
            opened.page.goto(url)
        pages.append(opened.page)
    return pages


def both_say(pages: list[Page], number: int) -> None:
    for page, name in zip(pages, "ab", strict=True):
        say(page, f"{name}{number}")


def test_two_windows_survive_a_killed_server(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    server = serve()
    pages = open_rooms(window, f"{server.url}/storm/")
    for number in range(8):
        both_say(pages, number)
    seen = [set(texts(page)) for page in pages]
    server.kill9()
    for page in pages:
        expect(page.locator("#banner")).to_contain_text("Reconnecting…")
    for number in range(8, 16):
        both_say(pages, number)
    server.start()
    for number in range(16, 20):
        both_say(pages, number)
    for page in pages:
        expect(page.locator("#banner")).to_be_hidden()
    both_say(pages, 20)
    for page, name in product(pages, "ab"):
        expect(message(page, f"{name}20")).to_be_visible()
    fresh = window().page
    fresh.goto(f"{server.url}/storm/")
    assert texts(pages[0]) == texts(pages[1]) == texts(fresh)
    count = Counter(texts(fresh))
    assert max(count.values()) == 1, count
    # Written while the page knew that the server was away: none of it may be missing.
    assert {f"{name}{number}" for name in "ab" for number in range(8, 21)} <= count.keys()
    assert seen[0] | seen[1] <= count.keys()
    numbers = {name: [int(text[1:]) for text in texts(fresh) if text[0] == name] for name in "ab"}
    assert numbers == {name: sorted(own) for name, own in numbers.items()}


def test_what_was_shown_to_its_sender_survives_a_kill_at_any_moment(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    server = serve()
    pages = open_rooms(window, f"{server.url}/storm/")
    for number in range(3):
        for page in pages:
            box(page).fill(f"{number} in flight")
        for page in pages:
            page.keyboard.press("Enter")
        server.kill9()
        shown = [set(texts(page)) for page in pages]
        server.start()
        for page in pages:
            expect(page.locator("#banner")).to_be_hidden()
            say(page, f"{number} after, by {pages.index(page)}")
        for page in pages:
            for index in range(2):
                expect(message(page, f"{number} after, by {index}")).to_be_visible()
        assert texts(pages[0]) == texts(pages[1])
        for each in shown:
            assert each <= set(texts(pages[0]))
    print(f"of 6 messages in flight at a kill, {sum('flight' in text for text in texts(pages[0]))} were kept")


def test_a_deploy_is_hardly_noticed(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    server = serve()
    pages = open_rooms(window, f"{server.url}/calm/")
    say(pages[0], "before")
    expect(message(pages[1], "before")).to_be_visible()
    server.restart()
    say(pages[1], "after")
    for page in pages:
        expect(message(page, "after")).to_be_visible()
        expect(page.locator("#banner")).to_be_hidden()
        assert texts(page) == ["before", "after"]
