"""A room's page that stays open for thousands of messages: short, quick, complete, and still where its reader is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import fill_room, message, say, tell, texts
from tests.browser.scrolling import AT_BOTTOM, SETTLED, TOP_MESSAGE, TOP_OF
from tests.support.app_server import AppServer
from tests.support.window import Window

MOST = 160  # messages on a page whose reader follows, once nothing comes for a moment
SOON = 60_000  # milliseconds; on a busy machine, and with a poll of a second
JUMP = 3  # pixels that nobody sees

TO_TOP = "element => element.scrollTo({top: -element.scrollHeight, behavior: 'instant'})"
TO_END = "element => element.scrollTo({top: 0, behavior: 'instant'})"
APPENDED = re.compile(
    r"""hx-target='#chat:has\(> \[data-key="(\d+)"\]:last-child\)' hx-swap="beforeend"><i id=message-(\d+)>"""
)
STAND_INS = "#chat > :not(li)"
OLDEST_FIRST = """async element => {
    const log = document.querySelector("#log");
    while (document.querySelector("#history > .messages__older")) {
        const first = log.querySelector("li[id]").id;
        element.scrollTo({top: -element.scrollHeight, behavior: "instant"});
        while (log.querySelector("li[id]").id === first && document.querySelector("#history > .messages__older"))
            await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture
def page(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(f"{server.url}/{room}/")
    say(page, "0 said")
    expect(message(page, "0 said")).to_be_visible()
    return page


def pour(server: AppServer, room: str, numbers: Iterable[int]) -> None:
    fill_room(server.database, room, (("Pour", f"{number} said") for number in numbers))


def until(page: Page, number: int) -> None:
    expect(page.locator("#chat > li:last-child p")).to_have_text(f"{number} said", timeout=SOON)


def until_short(page: Page) -> None:
    page.wait_for_function(f"() => document.querySelectorAll('#log li[id]').length <= {MOST}", timeout=SOON)


def numbers(page: Page) -> list[int]:
    return [int(text.split()[0]) for text in texts(page)]


def test_a_page_stays_short_while_thousands_come_and_the_first_one_is_still_reached_by_scrolling(
    server: AppServer, room: str, page: Page
) -> None:
    for start in (1, 1201):
        pour(server, room, range(start, start + 1200))
        until(page, start + 1199)
        until_short(page)
        assert page.locator("#scroller").evaluate(AT_BOTTOM)
    say(page, "2401 said")
    until(page, 2401)
    shown = numbers(page)
    assert shown == list(range(2402 - len(shown), 2402))
    page.set_default_timeout(2 * SOON)
    page.locator("#scroller").evaluate(OLDEST_FIRST)
    assert numbers(page) == list(range(2402))
    expect(page.locator(STAND_INS)).to_have_count(0)


def test_a_reader_of_earlier_messages_is_not_moved_and_keeps_them_until_the_newest_are_followed_again(
    server: AppServer, room: str, page: Page
) -> None:
    pour(server, room, range(1, 400))
    until(page, 399)
    until_short(page)
    scroller = page.locator("#scroller")
    with page.expect_response("**/messages*"):
        scroller.evaluate(TO_TOP)
    expect(page.locator("#reading i")).to_have_count(0)
    page.evaluate(SETTLED)
    top, before = scroller.evaluate(TOP_MESSAGE)
    first = numbers(page)[0]
    pour(server, room, range(400, 700))
    until(page, 699)
    say(page, "700 said")
    until(page, 700)
    page.evaluate(SETTLED)
    assert abs(page.locator(f"#{top}").evaluate(TOP_OF) - before) <= JUMP
    assert numbers(page) == list(range(numbers(page)[0], 701))
    assert numbers(page)[0] <= first
    scroller.evaluate(TO_END)
    until_short(page)
    shown = numbers(page)
    assert shown == list(range(701 - len(shown), 701))


def test_rows_that_come_out_of_order_take_their_place_on_a_page_that_appends(
    server: AppServer, room: str, page: Page
) -> None:
    pour(server, room, range(1, 4))
    until(page, 3)
    last = int((page.locator("#chat > li").last.get_attribute("id") or "").removeprefix("message-"))
    insert = "INSERT INTO message (id, room_id, handle, message) SELECT ?, room.id, 'Out', ? FROM room WHERE label = ?"
    tell(
        server.database, insert, [(last + 20, "7 said", room), (last + 10, "5 said", room), (last + 30, "8 said", room)]
    )
    until(page, 8)
    tell(
        server.database, insert, [(last + 15, "6 said", room), (last + 5, "4 said", room), (last + 40, "9 said", room)]
    )
    until(page, 9)
    assert numbers(page) == list(range(10))
    tell(server.database, "DELETE FROM message WHERE id = ?", [(last + 40,)])
    until(page, 8)
    tell(server.database, insert, [(last + 41, "9 said", room)])
    until(page, 9)
    assert numbers(page) == list(range(10))
    expect(page.locator(STAND_INS)).to_have_count(0)


def test_what_was_taken_off_the_page_may_change_or_go_without_a_trace(server: AppServer, room: str, page: Page) -> None:
    pour(server, room, range(1, 300))
    until(page, 299)
    until_short(page)
    tell(server.database, "UPDATE message SET message = '10 changed' WHERE message = '10 said'")
    tell(server.database, "DELETE FROM message WHERE message = '11 said'")
    say(page, "300 said")
    until(page, 300)
    shown = numbers(page)
    assert shown == list(range(301 - len(shown), 301))
    page.set_default_timeout(SOON)
    page.locator("#scroller").evaluate(OLDEST_FIRST)
    assert numbers(page) == [number for number in range(301) if number != 11]
    expect(message(page, "10 changed")).to_have_count(1)


def test_rows_that_follow_the_last_one_are_appended_without_looking_for_their_place(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    frames: list[str] = []
    page = window().page
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    page.goto(f"{server.url}/{room}/")
    say(page, "0 said")
    expect(message(page, "0 said")).to_be_visible()
    frames.clear()
    pour(server, room, range(1, 401))
    until(page, 400)
    text = "".join(frames)
    ids = [
        each.removeprefix("message-") for each in page.locator("#chat > li").evaluate_all("all => all.map(e => e.id)")
    ]
    # Only a page whose last row is the one that they follow may append them; any other has to look for their places.
    guards = [(int(last), int(first)) for last, first in APPENDED.findall(text)]
    assert len(guards) == text.count("beforeend") > 0
    assert all(last < first for last, first in guards)
    assert text.count("<i id=") == text.count("<li id=") == 400
    assert all(f"<i id=message-{each}></i>" in text for each in ids[-50:])
    expect(page.locator(STAND_INS)).to_have_count(0)


def test_a_page_that_missed_many_has_them_appended_when_it_comes_back(server: AppServer, room: str, page: Page) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    page.context.set_offline(True)
    page.evaluate("() => document.querySelector('#room')._htmx.ws.connection.socket.close()")
    expect(page.locator("#banner")).to_contain_text("Reconnecting")
    pour(server, room, range(1, 201))
    page.context.set_offline(False)
    until(page, 200)
    assert numbers(page) == list(range(numbers(page)[0], 201))
    assert "".join(frames).count("<i id=") == 200
    expect(page.locator(STAND_INS)).to_have_count(0)


def test_history_is_asked_for_by_the_first_message_that_is_shown(server: AppServer, room: str, page: Page) -> None:
    pour(server, room, range(1, 61))
    until(page, 60)
    shown = page.locator("#chat > li").nth(30).get_attribute("id")
    path = f"{server.url}/{room}/messages"
    headers = {"HX-Request": "true"}
    older = httpx.get(path, headers=headers | {"HX-Target": f"li#{shown}"}, params={"before": "1"})
    assert ">29 said<" in older.text
    assert ">30 said<" not in older.text
    newest = httpx.get(path, headers=headers | {"HX-Target": "p#typing"})
    assert ">60 said<" in newest.text
    assert httpx.get(path, params={"before": "x"}).status_code == 400
