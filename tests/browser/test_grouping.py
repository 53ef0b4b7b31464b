"""Messages of one person stand under one name, and never under another's, whatever comes, goes or moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from tests.browser.rooms import message, say, shown, take_name, tell
from tests.support.app_server import ROOT, AppServer
from tests.support.window import Window
from webapp.chat.contexts import MessageContext
from webapp.chat.models import Message
from webapp.live.marks import HUES, LETTERS, PAIRS, Marks
from webapp.live.templating.assets import Assets
from webapp.live.templating.templates import Templates

SHEETS = [ROOT / "static" / "css" / f"{name}.css" for name in ("tokens", "base", "message", "grouping")]
TEMPLATES = Templates([ROOT / "templates"], Assets([ROOT / "static"]))
MARK = Marks("key").of("visitor", "room:1", "Ann")
NOON = datetime(2026, 5, 14, 11, 40, tzinfo=UTC)

# Puts the row into its place in the list as htmx's upsert does, or takes it away.
CHANGE = """([list, key, html]) => {
    const old = document.querySelector(`[data-key="${key}"]`);
    if (!html) { old?.remove(); return; }
    const made = document.createRange().createContextualFragment(html).firstElementChild;
    if (old) { old.replaceWith(made); return; }
    const rows = [...document.querySelectorAll(`#${list} > li`)];
    const next = rows.find(row => Number(row.dataset.key) > Number(key));
    document.getElementById(list).insertBefore(made, next ?? null);
}"""
NAMELESS = """() => [...document.querySelectorAll("li[data-key]")].map(
    li => [Number(li.dataset.key), getComputedStyle(li.querySelector("b")).clipPath !== "none"])"""


@dataclass(frozen=True)
class Row:
    """The message that one step puts into a list, or takes away: without a name."""

    key: int
    list: str
    name: str
    mark: str
    at: datetime

    @property
    def html(self) -> str:
        if not self.name:
            return ""
        row = Message(id=self.key, room_id=1, handle=self.name, message="hi", timestamp=self.at, mark=self.mark)
        return TEMPLATES.render("chat/_message.html", MessageContext(row))


def nearly(mark: str, place: int, step: int) -> str:
    """A mark that differs from `mark` in one character, which another mark could have in that place."""
    alphabet = HUES if place == 0 else LETTERS if place % 2 == 0 else PAIRS[place // 2]
    other = alphabet[(alphabet.index(mark[place]) + step) % len(alphabet)]
    return mark[:place] + other + mark[place + 1 :]


# Mostly one person, somebody who is almost the same by one place, and rows of other programs.
marks = st.one_of(
    st.just(MARK),
    st.builds(nearly, st.just(MARK), st.integers(0, len(MARK) - 1), st.integers(1, 31)),
    st.sampled_from(["", "x", MARK[:9], '"><li>', "a" * 32]),
)
people = st.tuples(st.sampled_from(["Ann", "Bob"]), marks)
times = st.sampled_from([0, 0, 0, 1, 5, 9, 10, 19, 20, 40, 60, 24 * 60, 31 * 24 * 60]).map(
    lambda minutes: NOON + timedelta(minutes=minutes)
)
keys = st.integers(1, 6)


def row_of(key: int, person: tuple[str, str], at: datetime) -> Row:
    name, mark = person
    return Row(key, "history" if key < 3 else "chat", name, mark, at)


nobody = st.just(("", ""))
steps = st.lists(st.builds(row_of, keys, st.one_of(people, people, people, nobody), times), min_size=1, max_size=12)


def goes_on(row: Row, before: Row | None) -> bool:
    """Whether `row` belongs to the group of the row before it in its list."""
    if before is None or before.list != row.list or before.mark != row.mark or len(row.mark) != len(MARK):
        return False
    same_hour = (before.at.day, before.at.hour) == (row.at.day, row.at.hour)
    return same_hour and row.at.minute // 10 - before.at.minute // 10 in (0, 1)


@pytest.fixture
def lists(window: Callable[..., Window]) -> Page:
    """A page with the two lists of a room and the real style sheets."""
    page = window().page
    page.set_content('<ol id="history" class="messages"></ol><ol id="chat" class="messages"></ol>')
    for sheet in SHEETS:
        page.add_style_tag(content=sheet.read_text(encoding="utf-8"))
    return page


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_a_name_is_left_out_only_below_the_same_person_and_name(lists: Page, taken: list[Row]) -> None:
    lists.evaluate("() => document.querySelectorAll('ol').forEach(each => each.replaceChildren())")
    rows: dict[int, Row] = {}
    for step in taken:
        lists.evaluate(CHANGE, [step.list, step.key, step.html])
        rows.pop(step.key, None)
        if step.name:
            rows[step.key] = step
        ordered = [None, *(rows[key] for key in sorted(rows))]
        expected = [[row.key, goes_on(row, before)] for before, row in pairwise(ordered) if row]
        assert lists.evaluate(NAMELESS) == expected


def test_a_persons_messages_go_on_under_one_name_until_it_is_another(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    ann, bob = window().page, window().page
    for page, name in ((ann, "Ann"), (bob, "Ann")):
        page.goto(f"{server.url}/{room}/")
        take_name(page, name)
    # If the clock went to the next hour between two of these, the later one would begin a group.
    say(ann, "one")
    say(ann, "two")
    expect(message(bob, "two")).to_be_visible()
    tell(server.database, "UPDATE message SET timestamp = '2026-05-14 11:40:00+00:00'")
    say(bob, "three")
    expect(message(ann, "three")).to_be_visible()
    tell(server.database, "UPDATE message SET timestamp = '2026-05-14 11:40:00+00:00'")
    for page in (ann, bob):
        expect(page.locator("relative-time[datetime='2026-05-14T11:40Z']")).to_have_count(3)
        assert [nameless for _, nameless in page.evaluate(NAMELESS)] == [False, True, False]
    # Screen readers are told all names.
    assert [name for name, _ in shown(ann)] == ["Ann", "Ann", "Ann"]
    tell(server.database, "DELETE FROM message WHERE message = 'one'")
    expect(message(ann, "one")).to_have_count(0)
    assert [nameless for _, nameless in ann.evaluate(NAMELESS)] == [False, False]


def test_the_time_of_a_message_that_goes_on_shows_by_pointer_keyboard_and_touch(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    def time_of(page: Page) -> Any:
        return page.locator("#chat > li:nth-child(2) > relative-time")

    pages = [window().page, window(has_touch=True, viewport={"width": 360, "height": 740}).page]
    pages[0].goto(f"{server.url}/{room}/")
    for text in ("one", "two"):
        say(pages[0], text)
    expect(message(pages[0], "two")).to_be_visible()
    tell(server.database, "UPDATE message SET timestamp = '2026-05-14 11:40:00+00:00'")
    for page in pages:
        page.goto(f"{server.url}/{room}/")
        expect(time_of(page)).to_have_css("opacity", "0")
    pages[0].locator("#chat > li:nth-child(2)").hover()
    expect(time_of(pages[0])).to_have_css("opacity", "1")
    pages[0].mouse.move(0, 0)
    expect(time_of(pages[0])).to_have_css("opacity", "0")
    pages[0].locator(".header__brand").focus()
    pages[0].keyboard.press("Tab")
    while pages[0].evaluate("document.activeElement.id") != "scroller":
        pages[0].keyboard.press("Tab")
    expect(time_of(pages[0])).to_have_css("opacity", "1")
    pages[1].locator("#chat > li:nth-child(2)").tap()
    expect(time_of(pages[1])).to_have_css("opacity", "1")


DAYS = """() => [...document.querySelectorAll("li[data-key]")].filter(
    li => getComputedStyle(li).getPropertyValue("--day-display") === "block").map(
    li => li.querySelector("p").textContent)"""


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", ["14:30", "00:10"]),
        ("Asia/Tokyo", ["14:30", "15:01"]),
        ("America/New_York", ["14:30", "05:00"]),
        ("Asia/Kolkata", ["14:30", "18:35"]),
        ("none", ["14:30", "00:10"]),
    ],
)
def test_a_line_stands_where_a_day_of_the_reader_begins(
    server: AppServer, room: str, window: Callable[..., Window], zone: str, expected: list[str]
) -> None:
    page = window(java_script_enabled=False).page if zone == "none" else window(timezone_id=zone).page
    page.goto(f"{server.url}/{room}/")
    days = {"14:30": 24, "14:59": 24, "15:01": 24, "18:25": 24, "18:35": 24, "23:50": 24, "00:10": 25, "05:00": 25}
    # All by one person, within minutes of each other: a day begins with a name all the same.
    insert = (
        "INSERT INTO message (room_id, handle, message, mark, timestamp) SELECT id, 'Ann', ?, ?, ? FROM room"
        " WHERE label = ?"
    )
    rows = ((text, MARK, f"2026-11-{day} {text}:00+00:00", room) for text, day in days.items())
    tell(server.database, insert, rows)
    page.goto(f"{server.url}/{room}/")
    if zone != "none":
        expect(page.locator("relative-time[title]")).to_have_count(len(days))
    assert page.evaluate(DAYS) == expected
    named = {key for key, nameless in page.evaluate(NAMELESS) if not nameless}
    assert page.locator("li[data-key]").count() == len(days)
    for text in expected:
        row = message(page, text)
        assert int(row.get_attribute("data-key") or 0) in named
        if zone != "none":
            date = row.locator("relative-time").evaluate("each => getComputedStyle(each, '::before').content")
            assert "2026" in date
