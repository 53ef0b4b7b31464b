"""People in a room see each other come, go, look away and type."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, WebSocket, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, message, name_box, say, take_name
from tests.browser.screens import FITS, PHONE
from tests.browser.test_hidden import HIDING
from tests.support.app_server import AppServer
from tests.support.window import Window

Enter = Callable[..., Page]
"""`enter("Ann", …)` opens a window of somebody with that name, with the options of `window`."""


@pytest.fixture
def enter(server: AppServer, room: str, window: Callable[..., Window]) -> Enter:
    def open_page(name: str, **options: Any) -> Page:
        visitor = window(**options)
        visitor.context.add_init_script(HIDING)
        page = visitor.context.new_page()
        page.goto(f"{server.url}/{room}/")
        if name_box(page).input_value() != name:
            take_name(page, name)
            page.reload()
        expect(people_button(page)).to_be_visible()
        return page

    return open_page


def people_button(page: Page) -> Locator:
    return page.get_by_role("button", name="here")


def names(page: Page) -> Locator:
    """The lines of the list of names, open or not."""
    return page.locator("#people-list > li")


def typing(page: Page) -> Locator:
    return page.locator("#typing")


def sent(page: Page) -> list[dict[str, Any]]:
    """What the page sends from its next load on, one object a frame."""
    frames: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: frames.append(json.loads(payload)))

    page.on("websocket", listen)
    return frames


def received(page: Page) -> list[str]:
    """Collect the texts of the frames that the page receives from its next load on."""
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: frames.append(str(payload))))
    return frames


def test_two_windows_see_each_other_come_and_one_closed_is_gone(enter: Enter) -> None:
    ann = enter("Ann")
    expect(names(ann)).to_have_text(["Ann"])
    bob = enter("Bob")
    for page in (ann, bob):
        expect(names(page)).to_have_text(["Ann", "Bob"])
        expect(people_button(page)).to_contain_text("2 here")
    bob.close()
    expect(names(ann)).to_have_text(["Ann"])
    expect(people_button(ann)).to_contain_text("1 here")


def test_two_tabs_of_one_browser_are_one_person(enter: Enter) -> None:
    ann = enter("Ann")
    other = ann.context.new_page()
    other.goto(ann.url)
    expect(names(other)).to_have_text(["Ann"])
    bob = enter("Bob")
    other.close()
    expect(names(bob)).to_have_text(["Ann", "Bob"])
    expect(people_button(ann)).to_contain_text("2 here")


def test_a_hidden_tab_is_away_in_words_and_back_when_it_is_looked_at(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    expect(names(ann)).to_have_text(["Ann", "Bob"])
    bob.evaluate("hide(true)")
    expect(names(ann)).to_have_text(["Ann", "Bob away"])
    bob.evaluate("hide(false)")
    expect(names(ann)).to_have_text(["Ann", "Bob"])
    expect(names(bob)).to_have_text(["Ann", "Bob"])


def test_a_name_changes_in_the_list_when_its_owner_speaks(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    name_box(bob).fill("Robert")
    say(bob, "call me Robert")
    expect(names(ann)).to_have_text(["Ann", "Robert"])
    expect(names(bob)).to_have_text(["Ann", "Robert"])


def test_typing_shows_in_the_other_window_and_ends_when_it_is_said(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    box(ann).press_sequentially("hel")
    expect(typing(bob)).to_have_text("Ann is typing…")
    expect(typing(ann)).to_be_empty()
    box(bob).press_sequentially("me too")
    expect(typing(ann)).to_have_text("Bob is typing…")
    expect(typing(bob)).to_have_text("Ann is typing…")
    box(ann).press("Enter")
    expect(message(bob, "hel")).to_be_visible()
    expect(typing(bob)).to_be_empty()


def test_typing_ends_by_itself(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    box(ann).press_sequentially("hm")
    expect(typing(bob)).to_have_text("Ann is typing…")
    expect(typing(bob)).to_be_empty()


def test_typing_tells_the_name_and_nothing_of_the_text(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    frames, heard = sent(ann), received(bob)
    bob.reload()
    ann.reload()
    expect(names(ann)).to_have_text(["Ann", "Bob"])
    frames.clear()
    name_box(ann).fill("Anna")
    box(ann).press_sequentially("a secret")
    expect(typing(bob)).to_have_text("Anna is typing…")
    told = [frame for frame in frames if frame["action"] == "typing"]
    assert told
    for frame in told:
        frame.pop("headers")
        assert frame == {"action": "typing", "handle": "Anna"}
    # The server keeps the draft for when Ann's page is loaded again, and nobody else hears of it.
    assert {frame["action"] for frame in frames} == {"typing", "draft"}
    say(ann, "said")
    expect(message(bob, "said")).to_be_visible()
    assert any("typing" in text for text in heard)
    assert not any("secret" in text for text in heard)


def test_writing_a_name_is_not_typing(enter: Enter) -> None:
    ann, bob = enter("Ann"), enter("Bob")
    frames = sent(ann)
    ann.reload()
    expect(names(ann)).to_have_text(["Ann", "Bob"])
    name_box(ann).press("End")
    name_box(ann).press_sequentially("abel")
    box(ann).press_sequentially("x")
    expect(typing(bob)).to_have_text("Annabel is typing…")
    assert len([frame for frame in frames if frame["action"] == "typing"]) == 1


def test_typing_without_a_connection_is_not_kept_for_later(
    serve: Callable[..., AppServer], window: Callable[..., Window]
) -> None:
    server = serve()
    visitor = window()
    visitor.allow("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION")
    page = visitor.page
    frames = sent(page)
    page.goto(f"{server.url}/tunnel/")
    expect(people_button(page)).to_be_visible()
    server.kill9()
    expect(page.locator("#banner")).to_contain_text("Reconnecting…")
    frames.clear()
    box(page).press_sequentially("a long text, written in a tunnel")
    server.start()
    # Not typed again: the connection may be back by now, and then that is told, as it should be.
    box(page).press("Enter")
    expect(message(page, "a long text, written in a tunnel")).to_be_visible()
    expect(page.locator("#banner")).to_be_empty()
    assert [frame["action"] for frame in frames if frame["action"] != "resume"] == ["create"]


def test_the_open_list_stays_open_while_people_come_and_escape_closes_it(enter: Enter) -> None:
    ann = enter("Ann")
    people_button(ann).click()
    panel = ann.get_by_role("region", name="In this room")
    expect(panel).to_be_visible()
    enter("Bob")
    expect(names(ann)).to_have_text(["Ann", "Bob"])
    expect(panel).to_be_visible()
    expect(panel.get_by_text("Bob")).to_be_visible()
    ann.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(people_button(ann)).to_be_focused()


def test_nothing_moves_when_somebody_types(enter: Enter) -> None:
    ann, bob = enter("W" * 40, viewport=PHONE), enter("Bob", viewport=PHONE)
    expect(names(bob)).to_have_count(2)
    before = [bob.locator(part).bounding_box() for part in ("#scroller", "#composer", ".header h1")]
    box(ann).press_sequentially("x")
    expect(typing(bob)).to_contain_text("is typing…")
    assert [bob.locator(part).bounding_box() for part in ("#scroller", "#composer", ".header h1")] == before
    assert bob.evaluate(FITS)
    # However long the name is, the end of the sentence is there.
    assert typing(bob).evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_with_the_list_open_somebody_away_and_somebody_typing(
    enter: Enter, scheme: str, width: int
) -> None:
    ann = enter("Ann", color_scheme=scheme, viewport=ViewportSize(width=width, height=800))
    bob, eve = enter("Bob"), enter("E" * 40)
    bob.evaluate("hide(true)")
    expect(names(ann)).to_have_text(["Ann", "E" * 40, "Bob away"])
    people_button(ann).click()
    box(eve).press_sequentially("x")
    expect(typing(ann)).to_contain_text("is typing…")
    assert violations(ann) == []
    assert ann.evaluate(FITS)


def test_a_screen_reader_is_told_nothing_of_who_comes_and_types(enter: Enter) -> None:
    ann = enter("Ann")
    live = "[aria-live], [role=log], [role=alert], [role=status], output"
    for part in ("#people-count", "#people", "#typing"):
        assert ann.locator(part).evaluate(f"element => element.closest('{live}')") is None


def test_the_longest_room_name_leaves_room_for_the_button_on_a_phone(
    server: AppServer, window: Callable[..., Window]
) -> None:
    owner, other = window(viewport=PHONE).page, window(viewport=PHONE).page
    for page in (owner, other):
        page.goto(f"{server.url}/{'w' * 49}x/")
        expect(people_button(page)).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="Invite", exact=True)).to_be_in_viewport(ratio=1)
        assert page.evaluate(FITS)
    expect(owner.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)


def test_nothing_of_it_shows_without_scripts(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(f"{server.url}/{room}/")
    expect(people_button(page)).to_have_count(0)
    expect(page.locator("#people")).to_be_hidden()
    expect(typing(page)).to_be_empty()
