"""A shipped theme looks as it should: on a phone and on a desk, by day and by night, for eyes that need contrast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FloatRect, Page, ViewportSize

from tests.browser.axe import violations
from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer
from tests.support.window import Window

WIDTHS = (360, 768, 1440)
LABEL = "a-look-at-all"
SAID = (
    *(("Ann", "hello"), ("Ann", "look: https://example.com/a/long/address/that/goes/on"), ("Bob", "two\nlines")),
    *(("سارة", "صباح الخير! سأصل بعد نصف ساعة."), ("Bob", "🎉 " * 20), ("Ann", "unbroken" * 30), ("", "by nobody")),
)
SCREENS = {"first": "", "room": f"{LABEL}/", "empty": "a-quiet-one/", "board": "values/", "missing": "no/such/page"}

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def filled(themed: AppServer) -> AppServer:
    """A server whose room has all kinds of messages, and whose board has values."""
    httpx.get(f"{themed.url}/{LABEL}/")
    tell(themed.database, "INSERT INTO integervalue (name, value) VALUES (?, ?)", [("Cups", 7), ("x" * 100, -1)])
    fill_room(themed.database, LABEL, SAID)
    return themed


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_and_nothing_stands_out_at_the_side(
    filled: AppServer, window: Callable[..., Window], screen: str, scheme: str
) -> None:
    visitor = window(color_scheme=scheme)
    visitor.allow("404")
    visitor.page.goto(f"{filled.url}/{SCREENS[screen]}", wait_until="networkidle")
    for width in WIDTHS:
        visitor.page.set_viewport_size(ViewportSize(width=width, height=800))
        assert visitor.page.evaluate(SIDEWAYS) <= 0, width
        assert violations(visitor.page) == [], width


def boxes(page: Page, selector: str) -> list[FloatRect]:
    found = page.locator(selector).all()
    return [box for each in found if (box := each.bounding_box()) is not None]


def test_each_theme_lays_a_message_out_in_its_own_way(filled: AppServer, window: Callable[..., Window]) -> None:
    page = window(viewport={"width": 1440, "height": 900}).page
    page.goto(f"{filled.url}/{LABEL}/", wait_until="networkidle")
    (row, name, text) = (boxes(page, f"#chat li:nth-child(3){part}")[0] for part in ("", " > b", " > p"))
    theme = Path(filled.environment["THEME"]).name
    if theme == "terminal":
        assert abs(name["y"] - text["y"]) < 2, "name and text stand in one line"
        assert text["height"] < 40, "which is as high as its two lines"
    else:
        assert text["y"] > name["y"] + 10, "the text stands below the name"
        disc = "element => getComputedStyle(element, '::before').content"
        assert page.locator("#chat li:nth-child(3)").evaluate(disc).startswith('"B"')
        shadow = "element => getComputedStyle(element).boxShadow"
        assert page.locator("#chat li:nth-child(3)").evaluate(shadow) != "none"
        assert row["height"] > text["height"] + 20


def test_each_theme_has_a_voice_of_its_own(filled: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    said = []
    for path in ("", "a-quiet-one/"):
        page.goto(f"{filled.url}/{path}")
        said.append(page.locator("main").inner_text())
    page.goto(f"{filled.url}/a-quiet-one/")
    said.append(page.locator("#composer").inner_text())
    for built_in in ("A quiet room to talk in", "It is quiet in here", "Your name", "Send\n"):
        assert built_in not in "\n".join(said)
