"""The board without scripts: everything by links and forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.board import add, button, delete, edit, name_box, new_name, number, start_box, value
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.window import Window


@pytest.fixture
def plain(server: AppServer, window: Callable[..., Window]) -> Window:
    visitor = window(java_script_enabled=False)
    visitor.page.goto(f"{server.url}/values/")
    return visitor


def test_adding_pressing_editing_and_deleting(plain: Window) -> None:
    page, name, renamed = plain.page, new_name(), new_name()
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        add(page, name, "5")
    assert posted.value.status == 303
    expect(name_box(page)).to_have_value("")
    button(page, name, "+1").click()
    button(page, name, "+1").click()
    button(page, name, "−1").click()
    expect(number(page, name)).to_have_text("6")
    form = edit(page, name)
    form.get_by_label("Name").fill(renamed)
    form.get_by_label("Number").fill("-9223372036854775808")
    form.get_by_role("button", name="Save").click()
    expect(number(page, renamed)).to_have_text("-9223372036854775808")
    expect(form).to_have_count(0)
    delete(page, renamed)
    expect(value(page, renamed)).to_have_count(0)


def test_the_edit_form_stands_under_its_row_and_can_be_left(plain: Window) -> None:
    page, names = plain.page, [new_name(), new_name()]
    for name in names:
        add(page, name)
    form = edit(page, names[0])
    assert (
        page.locator("#values > li:visible")
        .filter(has=form)
        .evaluate("own => own.previousElementSibling.querySelector('b').textContent")
        == (names[0])
    )
    form.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)
    assert page.url.endswith("/values/")


def test_an_error_keeps_what_was_typed_and_says_why(plain: Window) -> None:
    plain.allow("422")
    page, name = plain.page, new_name()
    add(page, name)
    name_box(page).fill(name)
    start_box(page).fill("12")
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        start_box(page).press("Enter")
    assert posted.value.status == 422
    expect(page.locator("#value-new").get_by_role("alert")).to_contain_text("The name is taken already")
    expect(name_box(page)).to_have_value(name)
    expect(start_box(page)).to_have_value("12")


def test_a_stale_edit_is_refused_and_saving_again_overwrites(server: AppServer, plain: Window) -> None:
    plain.allow("422")
    page, name, mine = plain.page, new_name(), new_name()
    add(page, name, "10")
    form = edit(page, name)
    form.get_by_label("Name").fill(mine)
    form.get_by_label("Number").fill("12")
    tell(server.database, "UPDATE integervalue SET value = 11 WHERE name = ?", [(name,)])
    form.get_by_role("button", name="Save").click()
    expect(page.locator(".value-own").get_by_role("alert")).to_contain_text(
        [f"Now the name is “{name}” and the number is “11”."]
    )
    expect(form.get_by_label("Name")).to_have_value(mine)
    expect(number(page, name)).to_have_text("11")
    form.get_by_role("button", name="Save").click()
    expect(number(page, mine)).to_have_text("12")


def test_what_was_typed_for_a_value_that_is_gone_can_be_added(server: AppServer, plain: Window) -> None:
    plain.allow("422")
    page, name, mine = plain.page, new_name(), new_name()
    add(page, name, "10")
    form = edit(page, name)
    form.get_by_label("Name").fill(mine)
    tell(server.database, "DELETE FROM integervalue WHERE name = ?", [(name,)])
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#problem")).to_have_text(
        "Somebody deleted this meanwhile. What you typed is in the form below."
    )
    expect(name_box(page)).to_have_value(mine)
    expect(start_box(page)).to_have_value("10")
    name_box(page).press("Enter")
    expect(number(page, mine)).to_have_text("10")


def test_deleting_what_is_gone_is_no_error_and_pressing_it_says_so(server: AppServer, plain: Window) -> None:
    plain.allow("422")
    page, gone, pressed = plain.page, new_name(), new_name()
    add(page, gone)
    add(page, pressed)
    tell(server.database, "DELETE FROM integervalue WHERE name = ?", [(gone,)])
    delete(page, gone)
    expect(value(page, gone)).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    tell(server.database, "DELETE FROM integervalue WHERE name = ?", [(pressed,)])
    button(page, pressed, "+1").click()
    expect(page.locator("#problem")).to_have_text("Somebody deleted this meanwhile.")


def test_the_page_loads_itself_again_unless_somebody_writes(plain: Window) -> None:
    page, name = plain.page, new_name()
    refresh = page.locator('meta[http-equiv="refresh"]')
    expect(refresh).to_have_attribute("content", "20")
    page.get_by_role("link", name="Hold it while I write").click()
    expect(refresh).to_have_count(0)
    page.get_by_role("link", name="Show what is new").click()
    expect(refresh).to_have_count(1)
    add(page, name)
    edit(page, name)
    expect(refresh).to_have_count(0)


def test_the_first_page_leads_to_the_board(server: AppServer, window: Callable[..., Window]) -> None:
    page: Page = window(java_script_enabled=False).page
    page.goto(server.url)
    page.get_by_role("link", name="Open the live values").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Live values")
