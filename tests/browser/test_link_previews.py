"""A preview shows in its message on every open page, calm and in its place, on one process and on two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import say
from tests.previews.server import COMMAND
from tests.previews.sites import Site, image_response, page, picture, serving
from tests.support.app_server import AppServer
from tests.support.patience import eventually_blocking
from tests.support.window import Window

DESCRIPTION = f"<meta name=description content='{'What it is about. ' * 20}'>"
WITH_IMAGE = "<meta property=og:image content=/i.png>"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on 127.0.0.1, with an image."""
    with serving() as running:
        running.paths |= {"/i.png": image_response(picture()), "/a": page("Quiet river", DESCRIPTION + WITH_IMAGE)}
        yield running


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[AppServer, AppServer]]:
    """Two processes on one SQLite file. They may ask sites on 127.0.0.1."""
    database = tmp_path / "shared.sqlite3"
    one, two = (AppServer(tmp_path / name, database=database, command=COMMAND) for name in ("one", "two"))
    with one, two:
        yield one, two
    for each in (one, two):
        each.check()


def heights(tab: Page) -> list[float]:
    """The heights of all previews, in pixels."""
    boxes = [each.bounding_box() for each in tab.locator(".preview").all()]
    return [box["height"] for box in boxes if box is not None]


def test_two_pages_of_two_processes_get_it_in_its_message_and_in_order(
    pair: tuple[AppServer, AppServer], site: Site, window: Callable[..., Window], room: str
) -> None:
    pages = [window().page for _ in range(3)]
    for tab, server in zip(pages, (pair[0], pair[0], pair[1]), strict=True):
        tab.goto(f"{server.url}/{room}/")
    for text in ("before", f"look at {site.url}/a", "after"):
        say(pages[0], text)
    for tab in pages:
        expect(tab.locator("#chat > li")).to_have_count(3)
        expect(tab.locator("#chat > li:nth-child(2) > .preview .preview__title")).to_have_text("Quiet river")
        expect(tab.locator(".preview")).to_have_count(1)
        image = tab.locator(".preview__image")
        expect(image).to_have_js_property("complete", True)
        expect(image).to_have_js_property("naturalWidth", 320)
    # The next message still goes to the end.
    say(pages[2], "later")
    for tab in pages:
        expect(tab.locator("#chat > li:last-child > p")).to_have_text("later")
    assert (site.requests("/a"), site.requests("/i.png")) == (1, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window_and_keeps_its_size(
    pair: tuple[AppServer, AppServer], site: Site, window: Callable[..., Window], room: str, scheme: str
) -> None:
    tab = window(viewport={"width": 320, "height": 600}, color_scheme=scheme).page
    tab.goto(f"{pair[0].url}/{room}/")
    site.paths["/long"] = page("w" * 200, WITH_IMAGE)
    say(tab, f"{site.url}/a")
    say(tab, f"{site.url}/long")
    expect(tab.locator(".preview")).to_have_count(2)
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    before = heights(tab)
    tab.reload()
    expect(tab.locator(".preview__image").last).to_have_js_property("complete", True)
    assert heights(tab) == before


def test_it_shows_without_scripts(
    pair: tuple[AppServer, AppServer], site: Site, window: Callable[..., Window], room: str
) -> None:
    tab = window(java_script_enabled=False).page
    tab.goto(f"{pair[0].url}/{room}/?still")
    say(tab, f"{site.url}/a")

    def shows() -> bool:
        tab.goto(f"{pair[0].url}/{room}/?still")
        return tab.locator(".preview__title").count() == 1

    eventually_blocking(shows, pair[0].log)
    link = tab.locator(".preview__title")
    assert link.get_attribute("href") == f"{site.url}/a"
    assert link.get_attribute("rel") == "nofollow noopener noreferrer"
