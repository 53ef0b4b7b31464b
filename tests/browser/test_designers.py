"""Designers see what they changed at the next load, without a restart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, say
from tests.support.app_server import ROOT, AppServer
from tests.support.window import Window


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the app is made of, to be changed at will."""
    for part in ("webapp", "templates", "static"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def page(checkout: Path, serve: Callable[..., AppServer], window: Callable[..., Window]) -> Page:
    # The safe path keeps the working folder, which is the real checkout, out of the way of the copy.
    server = serve(PYTHONPATH=str(checkout), PYTHONSAFEPATH="1", RELOAD_TEMPLATES="on")
    page = window().page
    page.goto(f"{server.url}/studio/")
    return page


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_changed_words_show_at_the_next_load(page: Page, checkout: Path) -> None:
    expect(page.get_by_role("button", name="New room")).to_be_visible()
    change(checkout / "templates/chat/room.html", "New room", "Another room")
    page.reload()
    expect(page.get_by_role("button", name="Another room")).to_be_visible()


def test_a_changed_fragment_counts_at_once_although_browsers_keep_it_for_ever(page: Page, checkout: Path) -> None:
    say(page, "before")
    change(checkout / "templates/chat/_input.html", "Write a message", "Say something")
    page.reload()
    say(page, "after")
    expect(message(page, "after")).to_be_visible()
    expect(box(page)).to_have_attribute("placeholder", "Say something")


def test_a_changed_colour_shows_at_the_next_load(page: Page, checkout: Path) -> None:
    style = "element => getComputedStyle(element).backgroundColor"
    change(checkout / "static/css/tokens.css", "--paper: light-dark(#f6f4ef", "--paper: light-dark(#010203")
    page.reload()
    assert page.locator("html").evaluate(style) == "rgb(1, 2, 3)"
