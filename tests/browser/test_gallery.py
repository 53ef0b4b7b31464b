"""The gallery in Chromium: quiet, usable with a keyboard, and every entry fit for everybody."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.support.app_server import AppServer
from tests.support.window import Window
from webapp.design.fixtures import Entry, load
from webapp.live.templating import TEMPLATES

SCREENS = {"phone": ViewportSize(width=360, height=800), "desktop": ViewportSize(width=1280, height=800)}
PAGES = ("/design/", "/design/templates/chat/_message.html", "/design/templates/live/_presence.html")
TOO_LONG = {"five-thousand", "thousand"}
"""States that hold the same elements as "many" so often that axe takes a minute."""

BY_TEMPLATE = {
    name: list(entries) for name, entries in groupby(load([TEMPLATES]).entries, key=lambda entry: entry.template)
}


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server in development."""
    with AppServer(tmp_path_factory.mktemp("gallery"), {"DEVELOPMENT": "on"}) as running:
        yield running
    running.check()


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_gallery_is_fit_for_everybody_and_complains_of_nothing(
    gallery: AppServer, window: Callable[..., Window], path: str, screen: str
) -> None:
    page = window(viewport=SCREENS[screen]).page
    page.goto(gallery.url + path)
    # The tests below look at the content of the frames.
    page.evaluate("document.querySelectorAll('iframe').forEach(frame => frame.remove())")
    assert violations(page) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize("screen", SCREENS)
def test_frames_are_as_wide_inside_as_their_screens_and_fit_on_the_page(
    gallery: AppServer, window: Callable[..., Window], screen: str
) -> None:
    page = window(viewport=SCREENS[screen]).page
    page.goto(f"{gallery.url}/design/templates/about.html")
    frames = page.locator("iframe")
    for number in range(4):
        frames.nth(number).scroll_into_view_if_needed()
        expect(frames.nth(number).content_frame.get_by_role("heading").first).to_be_visible()
    assert [frame.evaluate("innerWidth") for frame in page.frames[1:5]] == [360, 360, 1280, 1280]
    boxes = [frames.nth(number).bounding_box() for number in range(4)]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= SCREENS[screen]["width"] for box in boxes)
    assert overflow(page) <= 0


def test_the_two_schemes_differ_whatever_the_reader_prefers(gallery: AppServer, window: Callable[..., Window]) -> None:
    page = window(color_scheme="dark").page
    grounds = []
    for scheme in ("light", "dark"):
        page.goto(f"{gallery.url}/design/frame/about.html?state=plain&scheme={scheme}")
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds[0] != grounds[1]


def test_the_keyboard_leads_from_the_list_to_a_state(gallery: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(f"{gallery.url}/design/?folder=room_values")
    page.get_by_role("link", name="room_values/_usage.html").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{gallery.url}/design/templates/room_values/_usage.html#set")
    expect(page.get_by_role("heading", name="Set", exact=True)).to_be_in_viewport()


def test_an_entry_without_scripts_is_shown_without_scripts(gallery: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(f"{gallery.url}/design/templates/live/_hold.html?width=phone&scheme=light")
    frame = page.locator("iframe").first
    frame.scroll_into_view_if_needed()
    expect(frame.content_frame.locator(".refresh-hint")).to_be_visible()


LANGUAGES = ("en", "lt", "ar")
THEMES = ("default", "terminal", "postcards")
OTHERS = [(theme, language) for theme in THEMES for language in LANGUAGES][1:]
"""The themes and languages besides the default theme in English."""


@pytest.fixture(scope="module")
def galleries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], AppServer]]:
    """`galleries(theme)` is a server in development with that theme."""
    started: dict[str, AppServer] = {}
    with ExitStack() as stack:

        def of(theme: str) -> AppServer:
            if theme not in started:
                env = {"DEVELOPMENT": "on", "THEME": theme}
                started[theme] = stack.enter_context(AppServer(tmp_path_factory.mktemp(theme), env))
            return started[theme]

        yield of
    for each in started.values():
        each.check()


@pytest.mark.parametrize("template", BY_TEMPLATE)
def test_axe_finds_nothing_in_other_themes_and_languages(
    galleries: Callable[[str], AppServer], window: Callable[..., Window], template: str
) -> None:
    # All of it takes a quarter of an hour: EVERYTHING=1 asks for that. Without it, each template has its turn with one.
    everything = "EVERYTHING" in os.environ
    place = list(BY_TEMPLATE).index(template)
    for theme, language in OTHERS if everything else [OTHERS[place % len(OTHERS)]]:
        page = window(viewport=SCREENS["phone"], locale=language).page
        entries = BY_TEMPLATE[template] if everything else BY_TEMPLATE[template][:1]
        for entry in entries:
            if entry.state not in TOO_LONG:
                url = f"{galleries(theme).url}/design/frame/{template}?state={entry.state}&scheme=light"
                page.goto(url)
                assert violations(page, but=exempt(entry)) == [], f"{entry.name} in {theme}, {language}"


@pytest.mark.parametrize("template", BY_TEMPLATE)
def test_axe_finds_nothing_in_any_entry(gallery: AppServer, window: Callable[..., Window], template: str) -> None:
    page = window(viewport=SCREENS["phone"]).page
    for entry in BY_TEMPLATE[template]:
        if entry.state not in TOO_LONG:
            url = f"{gallery.url}/design/frame/{template}?state={entry.state}"
            page.goto(f"{url}&scheme=light")
            assert violations(page, but=exempt(entry)) == [], entry.name
            # The check of templates computes the contrast of the tokens in both schemes. One state shows their use.
            # A page without a style sheet has the browser's own colours, whose ground axe takes for white.
            if template != "chat/export.html" and entry is BY_TEMPLATE[template][0]:
                page.goto(f"{url}&scheme=dark")
                assert violations(page, only=["color-contrast"]) == [], f"{entry.name}, dark"


FRAMES_OF_PAGES = ("base.html", "design/neutral.html", "design/problem.html", "design/_problems_frame.html")


def exempt(entry: Entry) -> set[str]:
    """The rules about a whole page that a partial by itself, and what other pages extend, cannot keep."""
    is_part = entry.template.rpartition("/")[2].startswith("_") and not entry.on
    if not is_part and entry.template not in FRAMES_OF_PAGES:
        return set()
    return {"landmark-one-main", "page-has-heading-one", "region", "heading-order", "label-title-only", "listitem"}
