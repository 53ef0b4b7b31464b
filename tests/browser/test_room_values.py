"""The values of a room, in its bar: made and changed by what people write, and seen by everybody in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, message, say, tell, texts
from tests.browser.screens import FITS
from tests.browser.test_hidden import HIDING
from tests.support.app_server import AppServer
from tests.support.window import Window

IN_ROOM = "INSERT INTO integervalue (name, value, room_id) SELECT ?, ?, id FROM room WHERE label = ?"


@pytest.fixture
def enter(server: AppServer, room: str, window: Callable[..., Window]) -> Callable[..., Page]:
    """Opens the room in a window of another visitor, with these options."""

    def opened(**options: object) -> Page:
        page = window(**options).page
        page.goto(f"{server.url}/{room}/")
        return page

    return opened


def values(page: Page) -> Locator:
    return page.get_by_role("list", name="Values of this room").get_by_role("listitem")


def test_commands_show_in_the_bars_of_all_windows(enter: Callable[..., Page]) -> None:
    ann, bob = enter(), enter()
    expect(values(ann)).to_have_count(0)
    say(ann, "/set score 3")
    expect(values(bob)).to_have_text(["score 3"])
    say(bob, "/inc score")
    expect(values(ann)).to_have_text(["score 4"])
    say(bob, "/inc score 5")
    expect(values(ann)).to_have_text(["score 9"])
    say(ann, "/set rounds played -2")
    expect(values(bob)).to_have_text(["score 9", "rounds played -2"])
    say(ann, "/unset score")
    expect(values(bob)).to_have_text(["rounds played -2"])
    say(ann, "and a message")
    expect(message(bob, "and a message")).to_be_visible()
    assert texts(bob) == ["and a message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/set", "Write it like this: /set score 3"),
        ("/set score", "Write it like this: /set score 3"),
        ("/set score many", "Write it like this: /set score 3"),
        ("/inc", "Write it like this: /set score 3"),
        ("/unset", "Write it like this: /set score 3"),
        ("/unset nothing", "There is no value of that name in this room."),
        (f"/set {'x' * 101} 1", "The name is too long: 100 characters is the most."),
    ],
)
def test_a_command_that_cannot_be_done_says_why_and_comes_back(
    enter: Callable[..., Page], text: str, words: str
) -> None:
    page = enter()
    box(page).fill(text)
    box(page).press("Enter")
    expect(page.locator("#composer-error")).to_have_text(
        words if words.endswith(".") else f"{words}, /inc score, /inc score 5 or /unset score."
    )
    expect(box(page)).to_have_value(text)
    say(page, "/set score 3")
    expect(page.locator("#composer-error")).to_be_empty()


def test_a_room_that_is_full_of_values_says_so(server: AppServer, room: str, enter: Callable[..., Page]) -> None:
    page = enter()
    tell(server.database, IN_ROOM, ((f"name {each}", each, room) for each in range(20)))
    expect(values(page)).to_have_count(20)
    box(page).fill("/set more 1")
    box(page).press("Enter")
    expect(page.locator("#composer-error")).to_contain_text("This room shows as many values as it can.")


def test_a_word_that_is_no_command_is_answered_and_can_be_said(enter: Callable[..., Page]) -> None:
    page = enter()
    box(page).fill("/settle down")
    box(page).press("Enter")
    expect(page.locator("#composer-error")).to_have_text(
        "There is no command /settle. Did you mean /set? "
        "You can write /me waves, /roll 2d6, /set score 3, /inc score, /unset score or /help."
        " To say a word with a slash before it, write two: //settle."
    )
    expect(box(page)).to_have_value("/settle down")
    say(page, "//settle down")
    expect(message(page, "/settle down")).to_be_visible()
    assert texts(page) == ["/settle down"]
    expect(page.locator("#composer-error")).to_be_empty()


def test_a_newcomer_learns_of_it_where_nothing_was_said_yet(enter: Callable[..., Page]) -> None:
    page = enter()
    expect(page.get_by_text("Keeping score?")).to_be_visible()
    say(page, "hello")
    expect(page.get_by_text("Keeping score?")).to_be_hidden()


def test_a_value_that_another_program_moves_to_another_room_moves_there(
    server: AppServer, room: str, enter: Callable[..., Page], window: Callable[..., Window]
) -> None:
    here, there = enter(), window().page
    there.goto(f"{server.url}/{room}-b/")
    say(here, "/set score 3")
    expect(values(here)).to_have_count(1)
    room_of = "(SELECT id FROM room WHERE label = ?)"
    move = f"UPDATE integervalue SET room_id = {room_of} WHERE room_id = {room_of}"
    tell(server.database, move, [(f"{room}-b", room)])
    expect(values(there)).to_have_text(["score 3"])
    expect(values(here)).to_have_count(0)


def test_the_values_are_there_without_scripts(enter: Callable[..., Page]) -> None:
    page = enter(java_script_enabled=False)
    for text in ("/set score 3", "/inc score", "/set rounds 1"):
        box(page).fill(text)
        box(page).press("Enter")
    expect(values(page)).to_have_text(["score 4", "rounds 1"])
    assert page.locator("#log li[id] p").all_text_contents() == []


def test_a_page_that_missed_too_much_shows_the_values_anew(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    visitor = window()
    visitor.context.add_init_script(HIDING)
    page = visitor.context.new_page()
    page.goto(f"{server.url}/{room}/")
    say(page, "/set first 1")
    say(page, "/set second 2")
    expect(values(page)).to_have_count(2)
    box(page).fill("half-typed")
    page.evaluate("hide(true)")
    tell(server.database, "DELETE FROM integervalue WHERE name = 'first'")
    tell(server.database, "UPDATE integervalue SET value = 5 WHERE name = 'second'")
    tell(server.database, IN_ROOM, [("third", 3, room)])
    page.locator("#cursor").evaluate("input => { input.value = 'long ago' }")
    with page.expect_websocket() as opened:
        page.evaluate("hide(false)")
    opened.value.wait_for_event("framereceived", lambda frame: "innerMorph" in str(frame))
    expect(values(page)).to_have_text(["second 5", "third 3"])
    expect(box(page)).to_have_value("half-typed")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_value_one_or_twenty_with_long_names_fit_and_axe_finds_nothing(
    server: AppServer, room: str, enter: Callable[..., Page], width: int, scheme: str
) -> None:
    page = enter(viewport={"width": width, "height": 640}, color_scheme=scheme)
    bar = page.locator("#room-values")
    expect(bar).to_be_hidden()
    for count in (1, 20):
        rows = ((f"{'W' * 90} {each}", -9223372036854775808 + each, room) for each in range(count // 20, count))
        tell(server.database, IN_ROOM, rows)
        expect(values(page)).to_have_count(count)
        assert page.evaluate(FITS)
        assert violations(page) == []
        expect(page.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)
        expect(box(page)).to_be_in_viewport(ratio=1)
    values(page).last.scroll_into_view_if_needed()
    expect(values(page).last.locator("output")).to_be_in_viewport(ratio=1)
