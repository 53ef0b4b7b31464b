"""The pages work with a keyboard, a screen reader, and eyes that need contrast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, fill_room, message, say
from tests.support.app_server import AppServer
from tests.support.window import Window

PAGES = ("about", "empty room", "full room", "refused", "not found", "history")
SCREENS = {"phone": ViewportSize(width=390, height=844), "desktop": ViewportSize(width=1280, height=800)}

SKIP = "Go to where you write"

FOCUS = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    if (element === document.body) return null;
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    return [element.id || element.textContent.trim() || element.className, outlined || style.boxShadow !== "none"];
}"""

AT_REST = """() => new Promise(resolve => {
    let last, same = 0;
    const look = () => {
        const now = document.querySelector("#scroller").scrollTop;
        same = now === last ? same + 1 : 0;
        last = now;
        same > 3 ? resolve() : requestAnimationFrame(look);
    };
    look();
})"""


def show(page: Page, server: AppServer, room: str, what: str) -> None:
    """Bring the page up as `what` says."""
    url = f"{server.url}/{room}/"
    if what in ("about", "not found"):
        page.goto(f"{server.url}/" + ("no/such/page" if what == "not found" else ""))
        return
    page.goto(url)
    if what in ("full room", "history"):
        said = ("hello", "look: https://example.com/", "two\nlines", "مرحبا", "🎉 " * 40, "word " * 300)
        fill_room(server.database, room, ((f"Name {each % 5}", said[each % len(said)]) for each in range(130)))
        page.reload()
    if what == "history":
        page.goto(f"{server.url}" + (page.locator("#history a").first.get_attribute("href") or ""))
    if what == "refused":
        box(page).fill("   ")
        box(page).press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(["Write something"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", PAGES)
def test_axe_finds_nothing(server: AppServer, room: str, window: Callable[..., Window], what: str, scheme: str) -> None:
    visitor = window(color_scheme=scheme)
    if what == "not found":
        visitor.allow("404")
    show(visitor.page, server, room, what)
    for screen in SCREENS.values():
        visitor.page.set_viewport_size(screen)
        assert violations(visitor.page) == []


def test_axe_finds_nothing_while_reconnecting(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    server = serve()
    visitor = window()
    visitor.allow("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION")
    with visitor.page.expect_websocket():
        visitor.page.goto(f"{server.url}/away/")
    say(visitor.page, "hello")
    expect(message(visitor.page, "hello")).to_be_visible()
    server.kill9()
    expect(visitor.page.locator("#banner")).to_contain_text("Reconnecting…")
    assert violations(visitor.page) == []
    server.start()


def test_tab_goes_through_the_room_in_reading_order_and_shows_where_it_is(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    show(page, server, room, "full room")
    page.locator(".header__brand").focus()
    stops: list[tuple[str, bool]] = []
    for _ in range(100):
        page.keyboard.press("Tab")
        # The link to older messages goes when they have come; the next Tab goes on from where it was.
        if stop := page.evaluate(FOCUS):
            stops.append(tuple(stop))
        if stops and stops[-1][0] == SKIP:
            page.keyboard.press("Enter")
            expect(page.locator("#handle")).to_be_focused()
            stops.append(tuple(page.evaluate(FOCUS)))
        if stops and stops[-1][0] == "Send":
            break
    names = [name for name, _ in stops]
    parts = [name for name in names if name in ("New room", SKIP, "scroller", "handle", "message", "Send")]
    assert parts == ["New room", SKIP, "handle", "message", "Send"]
    assert all(visible for _, visible in stops), stops


def test_tab_goes_through_the_messages_too(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = window().page
    show(page, server, room, "full room")
    page.get_by_role("link", name=SKIP).focus()
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))
    assert stops[0][0] == "scroller"
    assert all(visible for _, visible in filter(None, stops)), stops
    expect(page.locator("#log li[id] > a:focus")).to_have_css("opacity", "1")


def test_the_keyboard_scrolls_the_messages(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = window().page
    show(page, server, room, "full room")
    page.locator("#scroller").focus()
    with page.expect_response("**/messages?before=*"):
        for _ in range(40):
            page.keyboard.press("PageUp")
            page.evaluate(AT_REST)
    page.keyboard.press("End")
    expect(page.locator("#log li[id]").last).to_be_in_viewport()


def test_a_room_opens_with_the_cursor_in_the_message_box(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    # The browser moves the focus with the first picture that it paints, which can come after the load event.
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.type("straight away\n")
    expect(message(page, "straight away")).to_be_visible()


def test_new_messages_are_announced_once_and_politely(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    log = page.get_by_role("log")
    expect(log).to_have_count(1)
    say(page, "hear this")
    expect(log.get_by_text("hear this")).to_be_visible()
