"""A typed text is said, or still in its box: on slow lines, without a cache or a socket, after a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, say, texts
from tests.browser.slow_line import SlowLine
from tests.support.app_server import AppServer
from tests.support.window import Window

REFUSED = ("WebSocket connection to", "htmx:ws:error")
SOON = 20_000  # milliseconds until a page has noticed that it gets no socket


def joined(page: Page) -> None:
    """Wait until the page sends over its socket."""
    expect(page.locator("#joined > i")).to_have_count(1)


def slow_without_cache(page: Page, latency: float = 1200) -> None:
    """Take the browser's cache away, and put `latency` milliseconds between it and the server."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    conditions = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", conditions)


def several(page: Page) -> None:
    """Press "Several lines"."""
    page.get_by_role("checkbox", name="Several lines").click()


@pytest.fixture
def proxy(server: AppServer) -> Iterator[SlowLine]:
    """A proxy in front of the server that knows no WebSockets."""
    with SlowLine(server.port, 0, sockets=False) as line:
        yield line


@pytest.fixture
def page(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    joined(page)
    return page


def test_a_draft_is_there_after_a_reload_and_after_back(page: Page, server: AppServer) -> None:
    box(page).fill("half a thought")
    page.reload()
    expect(box(page)).to_have_value("half a thought")
    page.goto(f"{server.url}/values/")
    page.go_back()
    expect(box(page)).to_have_value("half a thought")
    page.go_forward()
    page.go_back()
    expect(box(page)).to_have_value("half a thought")
    joined(page)
    box(page).press("Enter")
    expect(message(page, "half a thought")).to_be_visible()


def test_a_draft_of_several_lines_is_there_after_a_reload(page: Page) -> None:
    several(page)
    page.locator("#lines").fill("one\ntwo")
    page.reload()
    expect(page.locator("#lines")).to_be_visible()
    expect(page.locator("#lines")).to_have_value("one\ntwo")


def test_a_new_value_that_was_not_added_yet_is_there_after_back(
    server: AppServer, window: Callable[..., Window]
) -> None:
    page = window().page
    page.goto(f"{server.url}/values/")
    page.locator("#value-new-name").fill("pears")
    page.locator("#value-new-value").fill("3")
    page.goto(f"{server.url}/")
    page.go_back()
    expect(page.locator("#value-new-name")).to_have_value("pears")
    expect(page.locator("#value-new-value")).to_have_value("3")


def test_after_back_the_same_words_are_said_again(page: Page, server: AppServer) -> None:
    say(page, "yes")
    expect(message(page, "yes")).to_have_count(1)
    page.goto(f"{server.url}/")
    page.go_back()
    joined(page)
    say(page, "yes")
    expect(message(page, "yes")).to_have_count(2)


def test_without_a_cache_on_a_slow_line_no_letter_is_wiped(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    slow_without_cache(page)
    page.goto(f"{server.url}/{room}/")
    joined(page)
    page.wait_for_load_state("networkidle")
    box(page).focus()
    page.keyboard.type("one\ntwo\nthree\nfour", delay=60)
    expect(box(page)).to_have_value("four")
    expect(message(page, "three")).to_be_visible()
    expect(box(page)).to_have_value("four")
    assert texts(page) == ["one", "two", "three"]


def test_who_sends_before_the_page_is_ready_loses_nothing(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    slow_without_cache(page)
    page.goto(f"{server.url}/{room}/", wait_until="commit")
    box(page).fill("early")
    expect(page.locator("#composer[data-htmx-powered]")).to_have_count(1, timeout=SOON)
    box(page).press("Enter")
    page.keyboard.type(" bird", delay=50)
    expect(message(page, "early")).to_be_visible()
    assert "bird" in box(page).input_value()


def test_a_page_without_a_socket_says_so_and_what_is_written_on_it_is_said(
    proxy: SlowLine, server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    opened = window()
    opened.allow(*REFUSED)
    page = opened.page
    page.goto(f"{proxy.url}/{room}/")
    box(page).fill("at once")
    box(page).press("Enter")
    expect(message(page, "at once")).to_be_visible()
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    expect(page.locator("#banner")).to_contain_text("Live updates cannot get through", timeout=SOON)
    say(page, "later")
    expect(message(page, "later")).to_be_visible()
    other = window().page
    other.goto(f"{server.url}/{room}/")
    joined(other)
    assert texts(other) == ["at once", "later"]
    say(other, "from elsewhere")
    expect(message(page, "from elsewhere")).to_be_visible(timeout=SOON)
    box(page).fill("x" * 2001)
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["too long"])
    expect(box(page)).to_have_value("x" * 2001)
    proxy.sockets = True
    expect(page.locator("#banner")).to_be_hidden(timeout=90_000)
    joined(page)


def test_a_page_whose_server_is_gone_keeps_what_it_cannot_send(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    server = serve()
    with SlowLine(server.port, 0, sockets=False) as line:
        opened = window()
        opened.allow(*REFUSED, "Failed to fetch", "net::ERR")
        page = opened.page
        page.goto(f"{line.url}/gone/")
        page.wait_for_load_state("networkidle")
        server.stop()
        box(page).fill("nobody hears this")
        box(page).press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(["could not be sent"])
        expect(box(page)).to_have_value("nobody hears this")
        server.start()
        box(page).press("Enter")
        expect(message(page, "nobody hears this")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)


def test_the_board_works_without_a_socket(proxy: SlowLine, window: Callable[..., Window]) -> None:
    opened = window()
    opened.allow(*REFUSED)
    page = opened.page
    page.goto(f"{proxy.url}/values/")
    name = page.locator("#value-new-name")
    name.fill("plums, posted")
    name.press("Enter")
    expect(name).to_have_value("")
    row = page.locator(".value").filter(has_text="plums, posted")
    expect(row).to_have_count(1, timeout=SOON)
    row.locator("button[value='1']").click()
    expect(row.locator("output")).to_have_text("1", timeout=SOON)


def test_several_lines_are_written_in_a_box_of_their_own_and_shown_as_such(page: Page) -> None:
    box(page).fill("an old pond")
    several(page)
    lines = page.locator("#lines")
    expect(lines).to_have_value("an old pond")
    expect(lines).to_be_focused()
    expect(box(page)).to_be_hidden()
    page.keyboard.press("End")
    page.keyboard.type("\na frog leaps in\nwater")
    page.get_by_role("button", name="Send").click()
    expect(lines).to_have_value("")
    expect(lines).to_be_focused()
    said = page.locator("#chat li p")
    expect(said).to_have_count(1)
    assert said.inner_text() == "an old pond\na frog leaps in\nwater"
    lines.fill("two\nlines")
    several(page)
    expect(box(page)).to_have_value("two lines")
    expect(box(page)).to_be_focused()
    box(page).press("Enter")
    expect(message(page, "two lines")).to_be_visible()


def test_too_many_lines_come_back_into_their_box(page: Page) -> None:
    several(page)
    lines = page.locator("#lines")
    for text, told in (
        ("\n".join(["line"] * 600), "too long: 2,000"),
        ("\n".join(["y" * 99] * 200), "too much to send"),
    ):
        lines.fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_contain_text([told])
        expect(lines).to_have_value(text)
    lines.fill("short")
    page.get_by_role("button", name="Send").click()
    expect(message(page, "short")).to_be_visible()


def test_several_lines_can_be_written_without_scripts(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window(java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/?still")
    box(page).fill("first")
    several(page)
    page.locator("#lines").fill("second\nthird")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#chat li p")).to_have_count(1)
    assert page.locator("#chat li p").inner_text() == "first\nsecond\nthird"


def test_a_browser_that_keeps_no_cookie_is_one_person(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    opened = window()
    page = opened.page
    page.route("**/*", lambda route: route.continue_(headers={**route.request.headers, "cookie": ""}))
    page.goto(f"{server.url}/{room}/")
    opened.context.clear_cookies()
    joined(page)
    guest = box(page).evaluate("() => document.querySelector('#handle').placeholder")
    say(page, "who am I")
    expect(message(page, "who am I")).to_be_visible()
    assert page.locator("#chat li b").inner_text() == guest
    expect(page.locator("#people-count")).to_have_text("1 here")
    expect(page.locator("#people-list li")).to_have_text([guest])
