"""Whatever people write is shown as they wrote it, and breaks nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, fill_room, message, name_box, say, shown, tell, texts
from tests.browser.screens import FITS
from tests.support.app_server import AppServer
from tests.support.window import Window

INSIDE = """element => element.scrollWidth <= element.clientWidth"""
PHONE = {"width": 360, "height": 640}

HARD = {
    "a long word": ("Ann", "Donaudampfschifffahrt" * 20),
    "a long address": ("Ann", "https://example.com/" + "a/very-long-path" * 20),
    "right to left": ("سارة", "مرحبا بالجميع، كيف حالكم اليوم؟ 12345"),
    "both ways": ("Ann", "she said שלום לכולם and left"),
    "emoji": ("🌸", "👩‍👩‍👧‍👦🏳️‍🌈 " * 30),
    "one row of emoji": ("Ann", "🎉" * 200),
    "2,000 characters": ("Ann", "many words " * 181 + "and an end"[:9]),
    "2,000 characters in a row": ("Ann", "W" * 2000),
    "a name of 40 characters": ("W" * 40, "hello"),
    "a name of 40 emoji": ("🦊" * 40, "hello"),
    "lines": ("Ann", "\n".join("line" for _ in range(100))),
    "marks that pile up": ("Ann", "z" + "\u0300\u0301\u0302\u0303" * 30),
}


@pytest.fixture
def page(server: AppServer, room: str, window: Callable[..., Window]) -> Page:
    page = window(viewport=PHONE).page
    page.goto(f"{server.url}/{room}/")
    return page


@pytest.mark.parametrize(
    "text",
    [
        "<script>document.title = 'taken'</script>",
        "<b>bold</b> &amp; <img src=x onerror=alert(1)>",
        "</p></li></ol><h1>out</h1>",
        "<hx-partial hx-target='#room'>gone</hx-partial>",
        "{{ 7 * 7 }} {% raw %} ${x} \\n \\u0041",
        "<!-- a comment -->",
        '{"content": "x"}',
        "' \" ` ; --",
    ],
)
def test_html_is_text(page: Page, text: str) -> None:
    name_box(page).fill("<i>Ann</i>")
    title = page.title()
    say(page, text)
    expect(message(page, text)).to_be_visible()
    page.reload()
    assert shown(page) == [("<i>Ann</i>", text)]
    assert page.title() == title
    assert page.locator("#log script, #log img, #log i, #log h1").count() == 0


def test_an_address_is_a_link_that_gives_nothing_away(page: Page) -> None:
    say(page, "look at https://example.com/a?b=1&c=2, and www.example.org.")
    links = page.locator("#log li[id] p a")
    expect(links).to_have_count(2)
    assert links.nth(0).get_attribute("href") == "https://example.com/a?b=1&c=2"
    assert links.nth(1).get_attribute("href") == "https://www.example.org"
    for link in links.all():
        assert {"nofollow", "noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "https://a\"onmouseover='x'", "file:///x"])
def test_what_is_no_web_address_is_no_dangerous_link(page: Page, text: str) -> None:
    say(page, text)
    expect(message(page, text)).to_be_visible()
    for link in page.locator("#log li[id] p a").all():
        assert (link.get_attribute("href") or "").startswith("https://")
        assert link.get_attribute("onmouseover") is None


def test_line_breaks_and_spaces_stay(server: AppServer, room: str, page: Page) -> None:
    fill_room(server.database, room, [("Ann", "first\nsecond\n\n  fourth")])
    paragraph = page.locator("#log li[id] p")
    expect(paragraph).to_be_visible()
    assert paragraph.inner_text() == "first\nsecond\n\n  fourth"
    say(page, "one line")
    expect(message(page, "one line")).to_be_visible()
    lines, line = (each.locator("p").bounding_box() for each in page.locator("#log li[id]").all())
    assert lines is not None
    assert line is not None
    assert lines["height"] == pytest.approx(4 * line["height"], abs=2)


def test_times_are_in_the_readers_own_zone(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    pages = {zone: window(timezone_id=zone, locale="en-GB").page for zone in ("Asia/Tokyo", "America/New_York", "UTC")}
    pages["none"] = window(java_script_enabled=False).page
    pages["UTC"].goto(f"{server.url}/{room}/")
    fill_room(server.database, room, [("Ann", "when?")])
    moment = datetime.now(UTC).replace(hour=3, minute=5, second=0, microsecond=0)
    tell(
        server.database,
        "UPDATE message SET timestamp = ? WHERE room_id = (SELECT id FROM room WHERE label = ?)",
        [(moment.isoformat(" "), room)],
    )
    # The element holds the time in UTC, and behind it what it shows in its place.
    expected = {
        "Asia/Tokyo": r"UTC.*12:05",
        "America/New_York": r"UTC.*(22|23):05",
        "UTC": r"UTC.*03:05",
        "none": rf"^{moment.day} \w+ {moment.year}, 03:05 UTC$",
    }
    for zone, page in pages.items():
        page.goto(f"{server.url}/{room}/")
        expect(page.locator("#log li[id] relative-time")).to_have_text(re.compile(expected[zone]))


@pytest.mark.parametrize("what", HARD)
def test_nothing_is_wider_than_a_phone(server: AppServer, room: str, page: Page, what: str) -> None:
    name, text = HARD[what]
    fill_room(server.database, room, [("Bob", "before"), (name, text), ("Bob", "after")])
    expect(message(page, "after")).to_be_visible()
    assert shown(page)[1] == (name, text)
    # What is out of sight is not laid out.
    page.locator("#log li[id]").nth(1).scroll_into_view_if_needed()
    assert page.evaluate(FITS)
    for part in ("#scroller", "#log", "#log li[id]:nth-of-type(2)"):
        assert page.locator(part).first.evaluate(INSIDE), part


def test_long_names_and_texts_fit_the_composer_too(page: Page) -> None:
    name_box(page).fill("W" * 40)
    box(page).fill("W" * 2000)
    assert page.evaluate(FITS)
    box(page).press("Enter")
    expect(page.locator("#log li[id]")).to_have_count(1)
    assert page.evaluate(FITS)
    assert texts(page) == ["W" * 2000]


def test_a_room_with_the_longest_name_fits_a_phone(server: AppServer, window: Callable[..., Window]) -> None:
    owner, other = window(viewport=PHONE).page, window(viewport=PHONE).page
    for page in (owner, other):
        page.goto(f"{server.url}/{'w' * 50}/")
        assert page.evaluate(FITS)
        expect(page.get_by_role("button", name="Invite", exact=True)).to_be_in_viewport(ratio=1)
    expect(owner.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)


def test_a_room_may_have_a_name_in_any_script(server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(f"{server.url}/Grüße-日本/")
    expect(page.get_by_role("heading", level=1)).to_have_text("grüsse-日本")
    say(page, "hier")
    expect(message(page, "hier")).to_be_visible()


def test_what_turns_the_text_around_a_link_does_not_turn_the_link(page: Page) -> None:
    address = "https://example.com/moc.elgoog"
    text = f"\u202esee {address}，這是"
    say(page, text)
    link = page.locator("#log li[id] p a")
    expect(link).to_have_text(address)
    assert link.get_attribute("href") == address
    # Where the first and the last letter stand.
    first, last = link.evaluate(
        """link => [0, link.textContent.length - 1].map(at => {
            const range = document.createRange();
            range.setStart(link.firstChild, at);
            range.setEnd(link.firstChild, at + 1);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert first < last
