"""A room with 5,000 messages: reading back, and reading on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.rooms import fill_room, message, say, texts
from tests.browser.scrolling import AT_BOTTOM, SETTLED, TOP_MESSAGE, TOP_OF
from tests.support.app_server import AppServer
from tests.support.window import Window

MANY = 5000
STEP = 50
FEW = 620  # a long way back in steps of 50, and not so long that a busy machine is asked for minutes of layout
JUMP = 3  # pixels that nobody sees

# Every message has a height of its own, as in life: guessed heights must not move what is being read.
LINES = ["short", "a line\nand another", "a longer one " * 12]

TO_TOP = "element => element.scrollTo({top: -element.scrollHeight, behavior: 'instant'})"
TO_THE_FIRST = """async element => {
    const history = document.querySelector("#history");
    while (history.querySelector(".messages__older")) {
        await new Promise(resolve => {
            const loaded = new MutationObserver(() => { loaded.disconnect(); resolve(); });
            loaded.observe(history, {childList: true});
            element.scrollTo({top: -element.scrollHeight, behavior: "instant"});
        });
    }
}"""


@pytest.fixture(scope="module")
def long_room(server: AppServer) -> str:
    """The URL of the room with MANY messages."""
    return room_of(server, "long-room", MANY)


@pytest.fixture
def page(long_room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(long_room)
    return page


def room_of(server: AppServer, label: str, count: int) -> str:
    """The URL of a new room with so many messages."""
    url = f"{server.url}/{label}/"
    httpx.get(url).raise_for_status()
    rows = ((f"Name {number % 7}", f"{number}: {LINES[number % 3]}".strip()) for number in range(count))
    fill_room(server.database, label, rows)
    return url


def numbers(page: Page) -> list[int]:
    return [int(text.partition(":")[0]) for text in texts(page) if text[0].isdigit()]


def load_older(page: Page, count: int) -> None:
    """Scroll up until at least `count` messages are there; a reader who stays at the top gets the next 50 too."""
    page.locator("#scroller").evaluate(TO_TOP)
    expect(page.locator("#log li[id]").nth(count - 1)).to_be_attached()


def test_the_first_page_is_quick_and_shows_the_newest(page: Page, long_room: str) -> None:
    began = time.monotonic()
    page.goto(long_room)
    print(f"a page of a room with {MANY} messages took {time.monotonic() - began:.2f} s")
    found = numbers(page)
    assert len(found) == STEP
    assert found == sorted(found)
    expect(page.locator("#log li[id]").last).to_be_in_viewport()
    assert page.locator("#scroller").evaluate(AT_BOTTOM)


def test_older_messages_come_without_a_jump(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    scroller = page.locator("#scroller")
    page.route("**/messages?before=*", hold)
    moved = []
    for step in range(1, 6):
        with page.expect_request("**/messages?before=*"):
            scroller.evaluate(TO_TOP)
        page.evaluate(SETTLED)
        top, before = scroller.evaluate(TOP_MESSAGE)
        held.pop().continue_()
        expect(page.locator("#log li[id]")).to_have_count(STEP * (step + 1))
        page.evaluate(SETTLED)
        moved.append(page.locator(f"#{top}").evaluate(TOP_OF) - before)
    print(f"the message at the top of the view moved by {moved} pixels")
    assert max(map(abs, moved)) <= JUMP, moved


def test_a_wheel_brings_older_messages(page: Page) -> None:
    page.locator("#scroller").hover()
    with page.expect_response("**/messages?before=*"):
        for _ in range(20):
            page.mouse.wheel(0, -600)
    expect(page.locator("#log li[id]").nth(STEP * 2 - 1)).to_be_attached()


def test_scrolling_up_leads_to_the_first_message_ever(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    page = window().page
    page.goto(room_of(server, room, FEW))
    page.locator("#scroller").evaluate(TO_THE_FIRST)
    assert numbers(page) == list(range(FEW))


def test_a_message_said_meanwhile_does_not_move_the_reader(
    page: Page, long_room: str, window: Callable[..., Window]
) -> None:
    load_older(page, 2 * STEP)
    scroller = page.locator("#scroller")
    scroller.evaluate("element => element.scrollBy({top: 300, behavior: 'instant'})")
    page.evaluate(SETTLED)
    top, before = scroller.evaluate(TOP_MESSAGE)
    other = window().page
    other.goto(long_room)
    for number in range(3):
        say(other, f"meanwhile {number}")
    expect(message(page, "meanwhile 2")).to_be_attached()
    page.evaluate(SETTLED)
    assert abs(page.locator(f"#{top}").evaluate(TOP_OF) - before) <= JUMP
    assert texts(page)[-3:] == [f"meanwhile {number}" for number in range(3)]
    expect(message(page, "meanwhile 2")).not_to_be_in_viewport()


def test_the_newest_message_stays_in_view_for_who_is_there(
    page: Page, long_room: str, window: Callable[..., Window]
) -> None:
    other = window().page
    other.goto(long_room)
    for number in range(8):
        say(other, f"on and on {number} " + "word " * 60)
        expect(page.get_by_text(f"on and on {number} ")).to_be_in_viewport(ratio=0.9)
    assert page.locator("#scroller").evaluate(AT_BOTTOM)


def test_the_way_back_down_shows_itself_and_works(page: Page) -> None:
    jump = page.get_by_role("link", name="Newest messages")
    expect(jump).to_be_hidden()
    load_older(page, 2 * STEP)
    expect(jump).to_be_visible()
    jump.click()
    expect(page.locator("#log li[id]").last).to_be_in_viewport()
    expect(jump).to_be_hidden()
    assert page.locator("#scroller").evaluate(AT_BOTTOM)


def test_a_failed_load_is_tried_again(long_room: str, window: Callable[..., Window]) -> None:
    visitor = window()
    visitor.allow("503", "htmx:")
    page = visitor.page
    answers = iter([503])

    def fail_once(route: Route) -> None:
        if status := next(answers, None):
            route.fulfill(status=status, body="<p>busy</p>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/messages?before=*", fail_once)
    page.goto(long_room)
    scroller = page.locator("#scroller")
    with page.expect_response(lambda answer: answer.status == 503):
        scroller.evaluate(TO_TOP)
    expect(page.get_by_text("busy")).to_have_count(0)
    scroller.evaluate("element => element.scrollTo({top: 0, behavior: 'instant'})")
    page.evaluate(SETTLED)
    load_older(page, 2 * STEP)


def test_a_push_into_a_long_page_costs_little(page: Page, long_room: str, window: Callable[..., Window]) -> None:
    for count in range(2 * STEP, 11 * STEP, STEP):
        load_older(page, count)
    page.get_by_role("link", name="Newest messages").click()
    other = window().page
    other.goto(long_room)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    before = busy()
    for number in range(20):
        say(other, f"push {number}")
    expect(message(page, "push 19")).to_be_attached()
    page.evaluate(SETTLED)
    shown = page.locator("#log li[id]").count()
    print(f"a push into a page of {shown} took {(busy() - before) * 50:.1f} ms of its thread")


def test_a_deep_link_into_the_history_is_a_page_of_its_own(page: Page, long_room: str) -> None:
    link = page.locator("#history a").first.get_attribute("href") or ""
    page.goto(re.sub(r"^(https?://[^/]+).*", r"\1", long_room) + link)
    found = [int(text.partition(":")[0]) for text in page.locator("li[id] p").all_text_contents()]
    assert len(found) == STEP
    assert found == sorted(found)
