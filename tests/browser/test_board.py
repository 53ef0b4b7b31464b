"""The board in several windows: what one does, all see; and nobody's presses or words are lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.board import add, button, delete, edit, name_box, new_name, number, open_board, start_box, value
from tests.browser.rooms import tell
from tests.browser.slow_line import SlowLine
from tests.browser.test_hidden import HIDING
from tests.support.app_server import AppServer
from tests.support.window import Window

DELAY = 0.2  # seconds each way
PRESS = "(button, times) => { for (let each = 0; each < times; each++) button.click() }"


@pytest.fixture
def board(server: AppServer, window: Callable[..., Window]) -> Callable[[], Page]:
    """Opens the board in a window of another visitor."""

    def opened() -> Page:
        page = window().page
        open_board(page, server.url)
        return page

    return opened


@pytest.fixture
def slow(server: AppServer, window: Callable[..., Window]) -> Iterator[Page]:
    page = window().page
    with SlowLine(server.port, DELAY) as line:
        open_board(page, line.url)
        yield page
        # The line ends before the window does, and a page that looks for its server would complain.
        page.goto("about:blank")


def test_two_windows_follow_each_other(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name, other = new_name(), new_name()
    add(ann, name, "5")
    expect(number(bob, name)).to_have_text("5")
    button(bob, name, "+1").click()
    expect(number(ann, name)).to_have_text("6")
    button(ann, name, "−1").click()
    button(ann, name, "−1").click()
    expect(number(bob, name)).to_have_text("4")
    form = edit(bob, name)
    form.get_by_label("Name").fill(other)
    form.get_by_label("Number").fill("-9223372036854775808")
    form.get_by_role("button", name="Save").click()
    expect(number(ann, other)).to_have_text("-9223372036854775808")
    expect(form).to_have_count(0)
    delete(ann, other)
    expect(value(bob, other)).to_have_count(0)
    expect(value(ann, other)).to_have_count(0)


def test_what_another_program_writes_shows_by_itself(server: AppServer, board: Callable[[], Page]) -> None:
    page, name = board(), new_name()
    tell(server.database, "INSERT INTO integervalue (name) VALUES (?)", [(name,)])
    expect(number(page, name)).to_have_text("0")
    tell(server.database, "UPDATE integervalue SET value = 41 WHERE name = ?", [(name,)])
    expect(number(page, name)).to_have_text("41")
    button(page, name, "+1").click()
    expect(number(page, name)).to_have_text("42")
    tell(server.database, "DELETE FROM integervalue WHERE name = ?", [(name,)])
    expect(value(page, name)).to_have_count(0)


def test_two_hundred_presses_from_four_windows_lose_none(board: Callable[[], Page]) -> None:
    pages = [board() for _ in range(4)]
    name = new_name()
    add(pages[0], name)
    for page in pages:
        button(page, name, "+1").evaluate(PRESS, 50)
    for page in pages:
        expect(number(page, name)).to_have_text("200")


def test_pressing_fast_by_keyboard_keeps_the_focus_while_others_press_too(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name = new_name()
    add(ann, name)
    button(ann, name, "+1").focus()
    for _ in range(10):
        ann.keyboard.press("Enter")
        button(bob, name, "+1").click()
        ann.keyboard.press("Space")
    expect(number(ann, name)).to_have_text("30")
    expect(button(ann, name, "+1")).to_be_focused()


def test_a_half_typed_edit_survives_what_others_do_to_its_row_and_to_others(
    server: AppServer, board: Callable[[], Page]
) -> None:
    ann, bob = board(), board()
    name, neighbour, renamed = new_name(), new_name(), new_name()
    add(bob, name)
    add(bob, neighbour)
    form = edit(ann, name)
    form.get_by_label("Name").fill("half-ty")
    button(bob, name, "+1").click()
    delete(bob, neighbour)
    tell(server.database, "UPDATE integervalue SET name = ? WHERE name = ?", [(renamed, name)])
    expect(number(ann, renamed)).to_have_text("1")
    expect(value(ann, neighbour)).to_have_count(0)
    ann.keyboard.type("ped")
    expect(form.get_by_label("Name")).to_have_value("half-typed")
    expect(form.get_by_label("Name")).to_be_focused()


def test_a_half_typed_edit_survives_the_list_being_shown_anew(server: AppServer, window: Callable[..., Window]) -> None:
    visitor = window()
    visitor.context.add_init_script(HIDING)
    page = visitor.context.new_page()
    open_board(page, server.url)
    name, late = new_name(), new_name()
    add(page, name)
    form = edit(page, name)
    form.get_by_label("Number").fill("12345")
    page.evaluate("hide(true)")
    tell(server.database, "UPDATE integervalue SET value = 8 WHERE name = ?", [(name,)])
    tell(server.database, "INSERT INTO integervalue (name) VALUES (?)", [(late,)])
    # A page that does not know where it was is shown everything.
    page.locator("#cursor").evaluate("input => { input.value = 'long ago' }")
    with page.expect_websocket() as opened:
        page.evaluate("hide(false)")
    frame = opened.value.wait_for_event("framereceived", lambda frame: "innerMorph" in str(frame))
    assert name in str(frame)
    expect(number(page, late)).to_have_text("0")
    expect(number(page, name)).to_have_text("8")
    expect(form.get_by_label("Number")).to_have_value("12345")
    form.get_by_label("Number").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["Somebody changed this meanwhile"])


def test_a_half_typed_edit_survives_its_value_arriving_twice(server: AppServer, window: Callable[..., Window]) -> None:
    """As it does for a page that was made while somebody added the value."""
    page = window().page
    arrivals: list[Callable[[], None]] = []

    def keep(socket: WebSocketRoute) -> None:
        live = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            socket.send(frame)
            if "hx-upsert" in str(frame):
                arrivals.append(partial(socket.send, frame))

        live.on_message(pass_on)

    page.route_web_socket(lambda url: "/values/live" in url, keep)
    page.goto(f"{server.url}/values/", wait_until="networkidle")
    name, later = new_name(), new_name()
    tell(server.database, "INSERT INTO integervalue (name) VALUES (?)", [(name,)])
    expect(number(page, name)).to_have_text("0")
    form = edit(page, name)
    form.get_by_label("Number").fill("12345")
    arrivals[0]()
    tell(server.database, "INSERT INTO integervalue (name) VALUES (?)", [(later,)])
    expect(number(page, later)).to_have_text("0")
    expect(form.get_by_label("Number")).to_have_value("12345")
    form.get_by_label("Number").press("Enter")
    expect(number(page, name)).to_have_text("12345")


def test_half_typed_words_for_a_new_value_survive_too(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name = new_name()
    name_box(ann).fill("half-ty")
    start_box(ann).fill("7")
    name_box(ann).focus()
    add(bob, name)
    button(bob, name, "+1").click()
    expect(number(ann, name)).to_have_text("1")
    ann.keyboard.press("End")
    ann.keyboard.type("ped")
    expect(name_box(ann)).to_have_value("half-typed")
    expect(start_box(ann)).to_have_value("7")


def test_a_stale_edit_is_refused_with_what_is_there_now_and_saving_again_overwrites(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name, mine = new_name(), new_name()
    add(ann, name, "10")
    form = edit(ann, name)
    form.get_by_label("Name").fill(mine)
    form.get_by_label("Number").fill("99")
    button(bob, name, "+1").click()
    expect(number(ann, name)).to_have_text("11")
    form.get_by_role("button", name="Save").click()
    expect(ann.get_by_role("alert")).to_contain_text([f"Now the name is “{name}” and the number is “11”."])
    expect(form.get_by_label("Name")).to_have_value(mine)
    expect(form.get_by_label("Number")).to_have_value("99")
    expect(number(bob, name)).to_have_text("11")
    form.get_by_role("button", name="Save").click()
    expect(number(bob, mine)).to_have_text("99")
    expect(form).to_have_count(0)
    expect(ann.get_by_role("alert")).to_have_count(0)


def test_a_value_that_others_press_can_be_renamed_and_keeps_their_presses(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name, mine = new_name(), new_name()
    add(ann, name, "10")
    form = edit(ann, name)
    form.get_by_label("Name").fill(mine)
    button(bob, name, "+1").click()
    expect(number(ann, name)).to_have_text("11")
    form.get_by_role("button", name="Save").click()
    expect(number(bob, mine)).to_have_text("11")
    expect(form).to_have_count(0)


def test_saving_twice_in_a_row_is_no_conflict(slow: Page) -> None:
    name, mine = new_name(), new_name()
    add(slow, name)
    form = edit(slow, name)
    form.get_by_label("Name").fill(mine)
    slow.keyboard.press("Enter")
    slow.keyboard.press("Enter")
    expect(number(slow, mine)).to_have_text("0")
    expect(form).to_have_count(0)
    # By the time that this is answered, so is the second Enter.
    add(slow, new_name())
    expect(slow.get_by_role("alert")).to_have_count(0)


def test_who_edits_what_somebody_deletes_is_told_and_keeps_the_words(board: Callable[[], Page]) -> None:
    ann, bob = board(), board()
    name = new_name()
    add(ann, name)
    form = edit(ann, name)
    expect(form.get_by_role("status")).to_be_hidden()
    ann.keyboard.type("my words for ")
    delete(bob, name)
    expect(form.get_by_role("status")).to_contain_text("Somebody deleted this value while you were editing it")
    expect(value(ann, name)).to_have_count(0)
    expect(form.get_by_label("Name")).to_have_value(re.compile("^my words for "))
    ann.keyboard.type("once more ")
    expect(form.get_by_label("Name")).to_have_value(re.compile("^my words for once more "))
    expect(form.get_by_role("button", name="Save")).to_be_hidden()
    form.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)


def test_cancel_closes_the_form_and_takes_its_problem_away(board: Callable[[], Page]) -> None:
    page, name = board(), new_name()
    add(page, name)
    form = edit(page, name)
    expect(button(page, name, "Edit")).to_be_hidden()
    form.get_by_label("Number").fill("many")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(["The number has to be a number"])
    form.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    form = edit(page, name)
    expect(form.get_by_label("Number")).to_have_value("0")


def test_a_new_value_empties_the_form_at_once_and_what_is_typed_next_stays(slow: Page) -> None:
    names = [new_name() for _ in range(3)]
    start_box(slow).fill("5")
    name_box(slow).focus()
    slow.keyboard.type(f"{names[0]}\n", delay=20)
    expect(name_box(slow)).to_have_value("")
    slow.keyboard.type(f"{names[1]}\n{names[2]}", delay=20)
    expect(number(slow, names[0])).to_have_text("5")
    expect(number(slow, names[1])).to_have_text("0")
    expect(name_box(slow)).to_have_value(names[2])
    expect(name_box(slow)).to_be_focused()


def test_enter_twice_adds_it_once_and_complains_of_nothing(slow: Page) -> None:
    name, after = new_name(), new_name()
    name_box(slow).fill(name)
    slow.keyboard.press("Enter")
    expect(name_box(slow)).to_have_value("")
    slow.keyboard.press("Enter")
    add(slow, after)
    expect(value(slow, name)).to_have_count(1)
    expect(slow.get_by_role("alert")).to_have_count(0)


def test_deleting_asks_first(board: Callable[[], Page]) -> None:
    page, name = board(), new_name()
    add(page, name)
    asked = page.locator(".value__ask:popover-open")
    button(page, name, "Delete").click()
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_have_count(0)
    button(page, name, "Delete").press("Enter")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(value(page, name)).to_be_visible()
    button(page, name, "Delete").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(value(page, name)).to_have_count(0)


def test_a_press_while_the_server_is_away_counts_when_it_is_back(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    server, visitor = serve(), window()
    visitor.allow("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION")
    page = visitor.page
    open_board(page, server.url)
    add(page, "Apples")
    form = edit(page, "Apples")
    page.keyboard.type("Green ")
    server.kill9()
    expect(page.locator("#banner")).to_contain_text("Reconnecting…")
    button(page, "Apples", "+1").click()
    server.start()
    expect(number(page, "Apples")).to_have_text("1")
    expect(page.locator("#banner")).to_be_empty()
    expect(form.get_by_label("Name")).to_have_value("Green Apples")
