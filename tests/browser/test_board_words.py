"""What the board says when something cannot be done: beside the form, in which what was typed still stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.board import add, button, edit, name_box, new_name, number, open_board, start_box, value
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.window import Window
from webapp.live.contexts import Refusal
from webapp.live.templating import folders
from webapp.live.templating.assets import Assets
from webapp.live.templating.templates import Templates
from webapp.live.validation.validator import FieldProblem

TEMPLATES = Templates([folders.TEMPLATES], Assets([folders.STATIC]))
HIGHEST = "9223372036854775807"

REFUSED: dict[str, tuple[str, str, str]] = {
    "taken": ("{taken}", "1", "The name is taken already"),
    "blank": ("   ", "1", "The name is missing"),
    "too long": ("x" * 101, "1", "The name is too long: 100 characters is the most"),
    "no number": ("{new}", "1.5 apples", "The number has to be a number"),
    "too large": (
        "{new}",
        "9223372036854775808",
        "number would be too large: 9,223,372,036,854,775,807 is the most",
    ),
    "too small": ("{new}", "-9223372036854775809", "too small: −9,223,372,036,854,775,808 is the least"),
    "two problems": (" ", "?", "The name is missing. The number has to be a number"),
}

SAID: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({}, "The due date is missing."),
    "blank": ({}, "The due date is missing."),
    "not_a_number": ({}, "The due date has to be a number, such as 12 or -3."),
    "not_a_date": ({}, "The due date has to be a date or a time, such as 2026-05-14 or 18:30."),
    "not_true_or_false": ({}, "The due date has to be yes or no."),
    "taken": ({}, "The due date is taken already. Choose another."),
    "too_long": ({"limit": 2000}, "The due date is too long: 2,000 characters is the most."),
    "too_short": ({"limit": 3}, "The due date is too short: it needs 3 characters."),
    "too_small": ({"limit": -5000}, "The due date would be too small: −5,000 is the least."),
    "too_large": ({"limit": "0.5"}, "The due date would be too large: 0.5 is the most."),
    "not_a_choice": ({"limit": "a, b"}, "The due date has to be one of these: a, b."),
    "not_writable": ({}, "The due date cannot be changed here."),
    "bad": ({}, "The due date cannot be taken like this. Check it."),
}


@pytest.fixture
def page(server: AppServer, window: Callable[..., Window]) -> Page:
    page = window().page
    open_board(page, server.url)
    return page


@pytest.mark.parametrize("what", REFUSED)
def test_a_new_value_that_is_refused_says_why_and_keeps_what_was_typed(page: Page, what: str) -> None:
    taken, new = new_name(), new_name()
    add(page, taken)
    typed, start, words = REFUSED[what]
    typed = typed.format(taken=taken, new=new)
    start_box(page).fill(start)
    name_box(page).fill(typed)
    name_box(page).press("Enter")
    expect(page.locator("#value-new").get_by_role("alert")).to_contain_text(words)
    expect(name_box(page)).to_have_value(typed)
    expect(start_box(page)).to_have_value(start)
    expect(value(page, taken)).to_have_count(1)
    add(page, new, "3")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("what", REFUSED)
def test_an_edit_that_is_refused_says_why_and_keeps_what_was_typed(page: Page, what: str) -> None:
    taken, new, name = new_name(), new_name(), new_name()
    add(page, taken)
    add(page, name, "7")
    typed, start, words = REFUSED[what]
    typed = typed.format(taken=taken, new=new)
    form = edit(page, name)
    form.get_by_label("Name").fill(typed)
    form.get_by_label("Number").fill(start)
    form.get_by_role("button", name="Save").click()
    expect(page.locator(".value-own").get_by_role("alert")).to_contain_text([words])
    expect(form.get_by_label("Name")).to_have_value(typed)
    expect(form.get_by_label("Number")).to_have_value(start)
    expect(number(page, name)).to_have_text("7")


def test_a_value_at_its_bound_says_so_and_stays(page: Page) -> None:
    name = new_name()
    add(page, name, HIGHEST)
    button(page, name, "+1").click()
    expect(page.get_by_role("alert")).to_contain_text(["9,223,372,036,854,775,807 is the most"])
    expect(number(page, name)).to_have_text(HIGHEST)
    button(page, name, "−1").click()
    expect(number(page, name)).to_have_text("9223372036854775806")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_flooding_says_how_long_to_wait(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    page = window().page
    open_board(page, serve(RATE_LIMIT="2/60 seconds").url)
    add(page, "Apples")
    for _ in range(6):
        button(page, "Apples", "+1").click()
    expect(page.get_by_role("alert")).to_contain_text([re.compile(r"Try again in \d+ seconds?\.")])
    expect(number(page, "Apples")).to_have_text("5")
    name_box(page).fill("Pears")
    name_box(page).press("Enter")
    expect(page.locator("#value-new-problem")).to_contain_text("Try again in")
    expect(name_box(page)).to_have_value("Pears")


def test_a_full_board_says_so(serve: Callable[..., AppServer], window: Callable[..., Window]) -> None:
    page, server = window().page, serve()
    tell(server.database, "INSERT INTO integervalue (name) VALUES (?)", ((f"value {each}",) for each in range(1000)))
    open_board(page, server.url)
    name_box(page).fill("one more")
    name_box(page).press("Enter")
    # Not expect, which looks at all of a thousand values whenever it is not so yet, and takes seconds for it.
    page.locator("#value-new-problem").filter(has_text="There is no room for one more").wait_for()
    expect(name_box(page)).to_have_value("one more")


def test_html_in_a_name_is_text(page: Page) -> None:
    name = f'<b>{new_name()}</b> "><img src=x onerror=alert(1)> {{{{ 7 * 7 }}}}'
    add(page, name)
    edit(page, name).get_by_role("button", name="Save").click()
    expect(page.locator("form.edit-value")).to_have_count(0)
    page.reload()
    expect(value(page, name)).to_have_count(1)
    assert page.locator("#values img").count() == 0


@pytest.mark.parametrize("reason", SAID)
def test_every_problem_of_a_field_has_words(reason: str) -> None:
    problem, words = SAID[reason]
    refusal = Refusal("todo-1", "invalid", problems=[FieldProblem("due_date", reason, **problem)])
    assert words in TEMPLATES.render("live/_refused.html", refusal)


@pytest.mark.parametrize("reason", ["stale", "gone", "full", "usage", "refused", "flooding", "busy"])
def test_every_reason_has_words_of_its_own(reason: str) -> None:
    said = {
        each: TEMPLATES.render("live/_refused.html", Refusal("todo-1", each))
        for each in ("stale", "gone", "full", "usage", "refused", "flooding", "busy")
    }
    assert list(said.values()).count(said[reason]) == 1
