"""What is saved shows in every open page, which keeps what its reader is doing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.rooms import box, fill_room, message, say, texts
from tests.design.preview.studio import Sockets, Studio, atomically, in_steps, problems, with_backup
from tests.support.window import Window

Visit = Callable[[str], Page]

TOP = "() => document.querySelector('#chat > li:nth-last-child(10)').getBoundingClientRect().top"
"""Where a message is that stands in the view."""

BACKGROUND = "() => getComputedStyle(document.documentElement).backgroundColor"


def test_a_room_changes_and_keeps_what_its_reader_does(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    for number in range(30):
        say(page, f"message {number}")
    sockets = Sockets(page)
    page.locator(".people__button").click()
    box(page).fill("half typed")
    page.locator("#scroller").evaluate("element => element.scrollTo(0, -300)")
    top = page.evaluate(TOP)
    page.evaluate("window.same = document.querySelector('#message')")
    studio.edit("templates/chat/room.html", '_("New room")', '_("Another room")')
    expect(page.get_by_role("button", name="Another room")).to_be_visible()
    expect(box(page)).to_have_value("half typed")
    expect(box(page)).to_be_focused()
    assert page.evaluate("window.same === document.querySelector('#message')")
    assert abs(page.evaluate(TOP) - top) <= 1
    expect(page.locator("#people")).to_be_visible()
    expect(page.locator("#people-list li")).to_have_count(1)
    expect(page.locator("#people-count")).to_have_text("1 here")
    assert (sockets.opened, sockets.closed) == ([], [])
    # The refresh for browsers without scripts must not come to life: it would load the page again.
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    box(page).press("Enter")
    expect(message(page, "half typed")).to_be_visible()
    expect(box(page)).to_have_value("")


def test_typed_text_stays_where_nobody_is_writing_now(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    page.locator("#handle").fill("Ann")
    box(page).fill("half typed")
    page.locator("h1").click()
    studio.edit("templates/chat/_input.html", "Write a message", "Say something")
    expect(box(page)).to_have_attribute("placeholder", "Say something")
    expect(box(page)).to_have_value("half typed")
    expect(page.locator("#handle")).to_have_value("Ann")
    # Not even when the server has another text for the box.
    studio.edit("templates/chat/_input.html", 'value="{{ text }}"', 'value="{{ text }}, it says" data-changed')
    expect(page.locator("#message[data-changed]")).to_have_value("half typed")


def test_pages_without_a_socket_of_their_own_change_too(studio: Studio, visit: Visit, room: str) -> None:
    visit(f"/{room}/")
    about, history, nowhere = visit("/"), visit(f"/{room}/messages"), visit("/no/such/page")
    studio.edit("templates/about.html", "A quiet room to talk in", "A calm room to talk in")
    expect(about.get_by_role("heading", name="A calm room to talk in")).to_be_visible()
    studio.edit("templates/chat/history.html", "There is nothing older than this.", "This is the beginning.")
    expect(history.get_by_text("This is the beginning.")).to_be_visible()
    studio.edit("templates/error.html", "There is nothing here", "Nothing lives here")
    expect(nowhere.get_by_role("heading", name="Nothing lives here")).to_be_visible()


def test_a_message_on_the_page_and_a_later_one_get_the_new_template(studio: Studio, visit: Visit, room: str) -> None:
    page, other = visit(f"/{room}/"), visit(f"/{room}/")
    say(page, "before")
    studio.edit("templates/chat/_message.html", "<b dir=auto>", "<b dir=auto title=name>")
    for each in (page, other):
        expect(message(each, "before").locator("b")).to_have_attribute("title", "name")
    say(page, "after")
    for each in (page, other):
        expect(message(each, "after").locator("b")).to_have_attribute("title", "name")
        expect(each.locator("#chat > li")).to_have_count(2)


def test_a_message_that_comes_during_a_refresh_stays(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    say(page, "before")

    def answer_late(route: Route) -> None:
        response = route.fetch()
        fill_room(studio.server.database, room, [("ann", "in between")])
        expect(message(page, "in between")).to_be_visible()
        route.fulfill(response=response)

    page.route("**/design/preview/page", answer_late, times=1)
    studio.edit("templates/chat/room.html", '_("New room")', '_("Another room")')
    expect(page.get_by_role("button", name="Another room")).to_be_visible()
    expect(message(page, "in between")).to_be_visible()


def test_a_style_sheet_is_replaced_and_the_page_is_not_asked_for(studio: Studio, visit: Visit, room: str) -> None:
    pages = [visit(f"/{room}/"), visit("/"), visit("/no/such/page")]
    asked: list[str] = []
    for page in pages:
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate("window.sheets = document.querySelectorAll('link').length")
    studio.edit("static/css/tokens.css", "--paper: light-dark(#f6f4ef", "--paper: light-dark(#010203")
    for page in pages:
        expect(page.locator("html")).to_have_css("background-color", "rgb(1, 2, 3)")
        assert page.evaluate("window.sheets === document.querySelectorAll('link').length")
    assert not [url for url in asked if "/design/preview" in url or url.endswith(f"/{room}/")]


def test_a_page_is_never_without_its_style(studio: Studio, visit: Visit) -> None:
    page = visit("/")
    page.evaluate(
        """() => {
            window.seen = new Set();
            const look = () => {
                seen.add(getComputedStyle(document.documentElement).backgroundColor);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    before = page.evaluate(BACKGROUND)
    for number in range(5):
        studio.edit("static/css/tokens.css", *_papers(number))
        expect(page.locator("html")).to_have_css("background-color", f"rgb({number}, 2, 3)")
    shown = set(page.evaluate("new Promise((done) => requestAnimationFrame(() => done([...seen])))"))
    # Saves that follow each other closely may share a paint, so not every color need be among them.
    assert {before} < shown <= {before, *(f"rgb({number}, 2, 3)" for number in range(5))}


def _papers(number: int) -> tuple[str, str]:
    before = f"#0{number - 1}0203" if number else "#f6f4ef"
    return f"--paper: light-dark({before}", f"--paper: light-dark(#0{number}0203"


@pytest.mark.parametrize("save", [atomically, with_backup, in_steps])
def test_every_way_to_save_counts(studio: Studio, visit: Visit, save: Callable[[Path, str], None]) -> None:
    page = visit("/")
    studio.edit("templates/about.html", "A quiet room", "A calm room", save)
    expect(page.get_by_role("heading", name="A calm room to talk in")).to_be_visible()
    studio.edit("static/css/tokens.css", "--paper: light-dark(#f6f4ef", "--paper: light-dark(#010203", save)
    expect(page.locator("html")).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(problems(page)).to_be_empty()


def test_a_new_partial_and_its_renaming_count(studio: Studio, visit: Visit) -> None:
    page = visit("/")
    studio.write("templates/_motto.html", "<p id='motto'>Less is more.</p>")
    studio.edit(
        "templates/about.html", '<form class="first__start"', '{% include "_motto.html" %}<form class="first__start"'
    )
    expect(page.locator("#motto")).to_have_text("Less is more.")
    studio.move("templates/_motto.html", "templates/_saying.html")
    expect(problems(page)).to_contain_text("Did you mean")
    studio.edit("templates/about.html", "_motto.html", "_saying.html")
    expect(problems(page)).to_be_empty()
    expect(page.locator("#motto")).to_be_visible()


def test_a_page_that_was_away_catches_up(studio: Studio, visit: Visit, visitor: Window) -> None:
    visitor.allow("ERR_CONNECTION_REFUSED", "htmx:ws:error")
    page = visit("/")
    studio.server.stop()
    studio.edit("templates/about.html", "A quiet room", "A calm room")
    studio.server.start()
    expect(page.get_by_role("heading", name="A calm room to talk in")).to_be_visible()


def top_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_a_reader_who_has_fetched_older_messages_stays_there(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    fill_room(studio.server.database, room, [("ann", f"message {number}") for number in range(180)])
    page.reload()
    scroller = page.locator("#scroller")
    for number in (150, 100, 50):
        expect(message(page, f"message {number}")).to_be_attached()
        scroller.evaluate("element => element.scrollTo(0, -100000)")
    expect(message(page, "message 0")).to_be_attached()
    message(page, "message 60").scroll_into_view_if_needed()
    shown, before = texts(page), top_of(message(page, "message 60"))
    studio.edit("templates/chat/_message.html", "<b dir=auto>", "<b dir=auto title=name>")
    for number in (179, 100, 60, 0):
        expect(message(page, f"message {number}").locator("b")).to_have_attribute("title", "name")
    assert texts(page) == shown
    assert abs(top_of(message(page, "message 60")) - before) <= 6
    # A page that has fetched none is as long as a new one.
    other = visit(f"/{room}/")
    studio.edit("templates/chat/_message.html", "title=name", "title=again")
    expect(message(other, "message 179").locator("b")).to_have_attribute("title", "again")
    assert len(texts(other)) >= 50
