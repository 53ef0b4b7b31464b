"""Writing on a slow line: 400 ms there and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, name_box, say, texts
from tests.browser.slow_line import SlowLine
from tests.support.app_server import AppServer
from tests.support.patience import within
from tests.support.window import Window

DELAY = 0.2  # seconds each way
# What a person sees as "at once"; waiting for the server would take 400 at least.
AT_ONCE = 150  # milliseconds

TIME_TO_EMPTY = """() => {
    window.emptied = new Promise(resolve => addEventListener("keydown", () => {
        const began = performance.now();
        const look = () => document.querySelector("#message").value === ""
            ? resolve(performance.now() - began) : requestAnimationFrame(look);
        look();
    }, {once: true, capture: true}));
}"""

# Sooner than any person: before the browser does anything else.
ENTER_AND_TYPE = """text => {
    document.querySelector("#composer").requestSubmit();
    const box = document.querySelector("#message");
    box.value = text;
    box.dispatchEvent(new InputEvent("input", {bubbles: true}));
}"""
ENTER_AND_TYPE_WHILE_EMPTIED = """text => new Promise(resolve => {
    const box = document.querySelector("#message");
    new MutationObserver((_, observer) => {
        observer.disconnect();
        box.value = text;
        box.dispatchEvent(new InputEvent("input", {bubbles: true}));
        resolve();
    }).observe(box, {attributeFilter: ["class"]});
    document.querySelector("#composer").requestSubmit();
})"""


@pytest.fixture
def slow(server: AppServer) -> Iterator[SlowLine]:
    with SlowLine(server.port, DELAY) as line:
        yield line


@pytest.fixture
def page(slow: SlowLine, room: str, window: Callable[..., Window]) -> Page:
    page = window().page
    page.goto(f"{slow.url}/{room}/", wait_until="networkidle")
    return page


def test_the_box_is_empty_at_once_and_keeps_the_focus(page: Page, slow: SlowLine) -> None:
    times = []
    for number in range(3):
        box(page).fill(f"message {number}")
        page.evaluate(TIME_TO_EMPTY)
        slow.hold()
        box(page).press("Enter")
        # However slow the machine is, the box is empty before the server has answered.
        times.append(page.evaluate("window.emptied"))
        expect(box(page)).to_be_focused()
        slow.release()
        expect(message(page, f"message {number}")).to_be_visible()
        expect(box(page)).to_be_focused()
    print(f"the box was empty after {times} ms")
    # One of them, because the machine may be busy with other things.
    assert min(times) < within(AT_ONCE), times


def test_what_is_typed_during_the_round_trip_stays(page: Page, slow: SlowLine) -> None:
    slow.hold()
    say(page, "first")
    page.keyboard.type("second, begun")
    assert texts(page) == []
    slow.release()
    expect(message(page, "first")).to_be_visible()
    page.keyboard.type(" and ended")
    expect(box(page)).to_have_value("second, begun and ended")
    page.keyboard.press("Enter")
    expect(message(page, "second, begun and ended")).to_be_visible()


def test_typing_straight_on_loses_no_letter(page: Page) -> None:
    page.keyboard.type("one\ntwo\nthree", delay=100)
    expect(box(page)).to_have_value("three")
    expect(message(page, "two")).to_be_visible()
    assert texts(page) == ["one", "two"]


def test_a_message_that_is_too_long_says_why_and_comes_back(page: Page) -> None:
    box(page).fill("x" * 2001)
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["too long: 2,000"])
    expect(box(page)).to_have_value("x" * 2001)
    box(page).fill("x" * 2000)
    box(page).press("Enter")
    expect(message(page, "x" * 2000)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_refused_text_does_not_overwrite_what_is_being_typed(page: Page) -> None:
    say(page, "y" * 2001)
    page.keyboard.type("something new")
    expect(page.get_by_role("alert")).to_contain_text(["too long"])
    expect(box(page)).to_have_value("something new")
    page.keyboard.press("Enter")
    expect(message(page, "something new")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_blank_spaces_are_no_message(page: Page) -> None:
    box(page).fill("   ")
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["Write something first"])
    assert texts(page) == []


def test_a_name_that_is_too_long_says_so_and_the_text_comes_back(page: Page) -> None:
    name_box(page).evaluate("element => element.removeAttribute('maxlength')")
    name_box(page).fill("n" * 41)
    box(page).fill("hello")
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["name is too long: 40"])
    expect(box(page)).to_have_value("hello")


def test_flooding_is_refused_with_the_seconds_to_wait_and_the_text_comes_back(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    page = window().page
    page.goto(f"{serve(RATE_LIMIT='3/60 seconds').url}/busy/")
    for number in range(3):
        say(page, f"message {number}")
        expect(message(page, f"message {number}")).to_be_visible()
    box(page).fill("one too many")
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text([re.compile(r"again in \d+ seconds?")])
    expect(box(page)).to_have_value("one too many")
    assert len(texts(page)) == 3


def test_a_double_click_says_it_once(page: Page) -> None:
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    page.reload(wait_until="networkidle")
    box(page).fill("twice")
    page.locator("#composer").evaluate("form => { form.requestSubmit(); form.requestSubmit() }")
    expect(message(page, "twice")).to_be_visible()
    say(page, "after")
    expect(message(page, "after")).to_be_visible()
    assert [frame["message"] for frame in map(json.loads, sent) if frame.get("action") == "create"] == [
        "twice",
        "twice",
        "after",
    ]
    assert texts(page) == ["twice", "after"]


def test_enter_twice_says_it_once(page: Page) -> None:
    box(page).fill("twice")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(message(page, "twice")).to_be_visible()
    expect(box(page)).to_have_value("")
    say(page, "after")
    expect(message(page, "after")).to_be_visible()
    assert texts(page) == ["twice", "after"]


def test_enter_in_an_empty_box_takes_nothing_that_is_typed_next(page: Page) -> None:
    for text in ("quick", "quicker", "quickest"):
        page.evaluate(ENTER_AND_TYPE, text)
        page.wait_for_timeout(AT_ONCE)
        expect(box(page)).to_have_value(text)
        say(page, f"{text}!")
        expect(message(page, f"{text}!")).to_be_visible()


def test_what_is_typed_while_a_box_is_emptied_does_not_keep_the_next_one_full(page: Page, slow: SlowLine) -> None:
    for count in range(3):
        box(page).fill(f"first {count}")
        slow.hold()
        page.evaluate(ENTER_AND_TYPE_WHILE_EMPTIED, f"typed {count}")
        expect(page.locator("#message.htmx-request")).to_have_count(0)
        say(page, f"second {count}")
        slow.release()
        expect(message(page, f"second {count}")).to_be_visible()
        expect(page.locator("#composer.htmx-request")).to_have_count(0)


def test_two_texts_within_one_round_trip_are_two_messages_in_their_order(page: Page, slow: SlowLine) -> None:
    slow.hold()
    say(page, "one")
    say(page, "two")
    assert texts(page) == []
    slow.release()
    expect(message(page, "two")).to_be_visible()
    assert texts(page) == ["one", "two"]


def test_the_same_words_said_again_later_are_a_second_message(page: Page) -> None:
    for count in (1, 2):
        say(page, "yes")
        expect(message(page, "yes")).to_have_count(count)
