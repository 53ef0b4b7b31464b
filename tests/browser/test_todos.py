"""The to-do list of docs/binding.md in real windows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.support.app_server import AppServer
from tests.support.patience import PATIENCE
from tests.support.project_copy import Copy
from tests.support.window import Window


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The project of somebody who did what the document says, and nothing else."""
    copy = Copy(tmp_path_factory.mktemp("project"))
    copy.follow("binding.md")
    copy.run("tortoise", "makemigrations")
    return copy


@pytest.fixture(scope="module")
def running(project: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the list."""
    with AppServer(tmp_path_factory.mktemp("todos"), root=project.root) as server:
        yield server
    server.check()


@pytest.fixture
def todos(running: AppServer) -> AppServer:
    """The same, with an empty list."""
    write(running, "DELETE FROM todo")
    return running


def write(server: AppServer, sql: str) -> None:
    """Write as another program."""
    with closing(sqlite3.connect(server.database, timeout=PATIENCE)) as program, program:
        program.execute(sql)


def opened(window: Window, server: AppServer) -> Page:
    """The list in that window, its socket open."""
    with window.page.expect_websocket():
        window.page.goto(f"{server.url}/todos/")
    return window.page


def add(page: Page, title: str) -> None:
    """Add one."""
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("button", name="Add").click()


def row(page: Page, title: str) -> Locator:
    """The row of that title."""
    return page.get_by_role("listitem").filter(has_text=title)


def test_a_tick_in_one_window_is_seen_in_the_other(todos: AppServer, window: Callable[..., Window]) -> None:
    ann, bob = opened(window(), todos), opened(window(), todos)
    add(ann, "Buy milk")
    expect(row(bob, "Buy milk")).to_be_visible()
    bob.get_by_label("Title", exact=True).fill("half a thou")
    ann.get_by_role("button", name="Done: Buy milk", exact=True).press("Enter")
    expect(row(bob, "Buy milk").get_by_text("✓ Done")).to_be_visible()
    # The row is another element now, and who works with a keyboard is still at its button.
    expect(ann.get_by_role("button", name="Not done: Buy milk", exact=True)).to_be_focused()
    expect(bob.get_by_label("Title", exact=True)).to_have_value("half a thou")
    assert [violations(page) for page in (ann, bob)] == [[], []]
    write(todos, "INSERT INTO todo (title) VALUES ('Water the plants')")
    for page in (ann, bob):
        expect(row(page, "Water the plants")).to_be_visible()
    ann.get_by_role("button", name="Delete: Buy milk").click()
    expect(row(bob, "Buy milk")).to_have_count(0)
    expect(bob.get_by_label("Title", exact=True)).to_have_value("half a thou")


def test_half_a_new_title_survives_the_others(todos: AppServer, window: Callable[..., Window]) -> None:
    second = window()
    second.allow("422")
    ann, bob = opened(window(), todos), opened(second, todos)
    add(ann, "Buy milk")
    row(bob, "Buy milk").get_by_role("link").click()
    bob.get_by_label("New title").fill("Buy oat mi")
    add(ann, "Rest")
    expect(row(bob, "Rest")).to_be_visible()
    ann.get_by_role("button", name="Done: Buy milk", exact=True).click()
    expect(row(bob, "Buy milk").get_by_text("✓ Done")).to_be_visible()
    expect(bob.get_by_label("New title")).to_have_value("Buy oat mi")
    bob.get_by_role("button", name="Save").click()
    # That somebody ticked it meanwhile does not stand in the way of a new title, and stays.
    expect(row(ann, "Buy oat mi").get_by_text("✓ Done")).to_be_visible()


def test_a_title_that_somebody_changed_meanwhile_is_shown_first(
    todos: AppServer, window: Callable[..., Window]
) -> None:
    second = window()
    second.allow("422")
    ann, bob = opened(window(), todos), opened(second, todos)
    add(ann, "Buy milk")
    for page, title in ((bob, "Buy oats"), (ann, "Buy rice")):
        row(page, "Buy milk").get_by_role("link").click()
        page.get_by_label("New title").fill(title)
    ann.get_by_role("button", name="Save").click()
    expect(row(bob, "Buy rice")).to_be_visible()
    bob.get_by_role("button", name="Save").click()
    expect(bob.get_by_role("alert").filter(has_text="Somebody changed this meanwhile")).to_be_visible()
    assert violations(bob) == []
    bob.get_by_role("button", name="Save").click()
    expect(row(ann, "Buy oats")).to_be_visible()


def test_without_scripts_the_list_works(todos: AppServer, window: Callable[..., Window]) -> None:
    page = window(java_script_enabled=False).page
    page.goto(f"{todos.url}/todos/")
    add(page, "Buy milk")
    page.get_by_role("button", name="Done: Buy milk", exact=True).click()
    expect(row(page, "Buy milk").get_by_text("✓ Done")).to_be_visible()
    row(page, "Buy milk").get_by_role("link").click()
    page.get_by_label("New title").fill("Buy oats")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "Buy oats").get_by_text("✓ Done")).to_be_visible()
    page.get_by_role("button", name="Delete: Buy oats").click()
    expect(page.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_fits_and_axe_finds_nothing(
    todos: AppServer, window: Callable[..., Window], scheme: str, width: int
) -> None:
    page = opened(window(color_scheme=scheme, viewport={"width": width, "height": 740}), todos)
    for title in ("Buy milk", "x" * 100, "write to them " * 7, "<b>&amp;"):
        add(page, title)
    page.get_by_role("button", name="Done: Buy milk", exact=True).click()
    expect(row(page, "Buy milk").get_by_text("✓ Done")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
