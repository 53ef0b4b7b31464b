"""A mistake in a template leaves the last good page up, and is explained on every open page until it is mended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, say
from tests.design.preview.studio import Studio, problems
from tests.support.app_server import ROOT

Visit = Callable[[str], Page]

ROOM, COMPOSER, MESSAGE = "templates/chat/room.html", "templates/chat/_composer.html", "templates/chat/_message.html"

MISTAKES = {
    "a block that nothing ends": (ROOM, "{% block body %}", "{% block body %}{% if room %}", "if", ""),
    "an unknown tag": (ROOM, "{% for panel in panels %}", "{% forr panel in panels %}", "forr", "for"),
    "an unknown filter": (MESSAGE, "message.handle | seen", "message.handle | sen", "sen", "seen"),
    "an undefined name": (ROOM, "{% for panel in panels %}", "{% for panel in pannels %}", "pannels", "panels"),
    "a missing attribute": (COMPOSER, "{{ composer.guest }}", "{{ composer.gest }}", "gest", "guest"),
    "a missing partial": (ROOM, '"chat/_people.html"', '"chat/_poeple.html"', "chat/_poeple.html", "chat/_people.html"),
    "a missing file": ("templates/_brand.html", "icon.svg", "icn.svg", "icn.svg", "icon.svg"),
    "a calculation that cannot be": ("templates/live/_cursor_input.html", "{{ cursor }}", "{{ cursor + 1 }}", "", ""),
    "an unended expression": (COMPOSER, "{{ composer.handle }}", "{{ composer.handle }", "", ""),
}


@pytest.mark.parametrize(("place", "old", "new", "wrong", "nearest"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_explained_on_every_page_until_it_is_mended(
    studio: Studio, visit: Visit, room: str, place: str, old: str, new: str, wrong: str, nearest: str
) -> None:
    page, about = visit(f"/{room}/"), visit("/")
    say(page, "hello")
    box(page).fill("half typed")
    text = (studio.root / place).read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    studio.edit(place, old, new)
    for each in (page, about):
        expect(problems(each).locator(".preview__place")).to_have_text(f"{place}, line {line}")
        marked = problems(each).locator("[aria-current]")
        expect(marked).to_have_attribute("value", str(line))
        expect(marked).to_contain_text(new.partition("\n")[0])
        if nearest:
            expect(problems(each)).to_contain_text(f"Did you mean {nearest}?")
        expect(problems(each).locator(".preview__words")).to_contain_text(wrong)
    expect(message(page, "hello")).to_be_visible()
    expect(box(page)).to_have_value("half typed")
    assert studio.status(f"/{room}/") == 500
    studio.edit(place, new, old)
    for each in (page, about):
        expect(problems(each)).to_be_empty()
    expect(box(page)).to_have_value("half typed")


def test_the_names_that_are_there_come_with_their_types(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    studio.edit(ROOM, "<h1>{{ room.name }}</h1>", "<h1>{{ name }}</h1>")
    problems(page).get_by_text("What is there").click()
    for name in ("room Room", "messages Sequence[Message]", "before int | None", "composer Composer"):
        expect(problems(page).get_by_role("listitem").filter(has_text=name).first).to_be_visible()
    # What a reader of the mistake has open stays open at the next save.
    studio.edit(ROOM, "<h1>{{ name }}</h1>", "<h1>{{ nime }}</h1>")
    expect(problems(page).locator(".preview__words")).to_contain_text("nime")
    expect(problems(page).get_by_text("Sequence[Message]")).to_be_visible()


def test_a_partial_is_named_and_not_the_page_that_includes_it(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    studio.edit("templates/live/_hold.html", "{% if refresh %}", "{% if refesh %}")
    expect(problems(page).locator(".preview__place")).to_have_text("templates/live/_hold.html, line 5")
    expect(problems(page)).to_contain_text("Included from chat/room.html, line ")


def body_line(template: str) -> int:
    """The line on which a page's body begins."""
    lines = (ROOT / "templates" / template).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if "{% block body %}" in line)


def test_several_mistakes_are_listed_and_go_one_by_one(studio: Studio, visit: Visit, room: str) -> None:
    page, about = visit(f"/{room}/"), visit("/")
    studio.edit(ROOM, "{% block body %}", "{% block body %}{{ nothing }}")
    studio.edit("templates/about.html", "{% block body %}", "{% block body %}{{ nobody }}")
    for each in (page, about):
        expect(problems(each).locator(".preview__place")).to_have_count(2)
        expect(problems(each)).to_contain_text("2 mistakes in templates")
    studio.edit(ROOM, "{{ nothing }}", "")
    for each in (page, about):
        expect(problems(each).locator(".preview__place")).to_have_text(
            [f"templates/about.html, line {body_line('about.html')}"]
        )
    studio.edit("templates/about.html", "{{ nobody }}", "")
    for each in (page, about):
        expect(problems(each)).to_be_empty()


def test_the_mistakes_can_be_folded_and_stay_so(studio: Studio, visit: Visit) -> None:
    page = visit("/")
    studio.edit("templates/about.html", "{% block body %}", "{% block body %}{{ nobody }}")
    problems(page).get_by_text("One mistake in a template").click()
    expect(problems(page).locator(".preview__place")).to_be_hidden()
    studio.edit("templates/about.html", "{{ nobody }}", "{{ somebody }}")
    expect(problems(page).locator(".preview__words")).to_contain_text("somebody")
    expect(problems(page).locator(".preview__place")).to_be_hidden()


def test_the_first_request_shows_the_mistake_and_becomes_the_page(studio: Studio, visit: Visit, room: str) -> None:
    studio.edit(ROOM, "{% block body %}", "{% block body %}{{ nobody }}")
    page = visit(f"/{room}/")
    expect(problems(page).locator(".preview__place")).to_have_text(f"{ROOM}, line {body_line('chat/room.html')}")
    assert studio.status(f"/{room}/") == 500
    studio.edit(ROOM, "{{ nobody }}", "")
    expect(box(page)).to_be_visible()
    expect(problems(page)).to_be_empty()
    say(page, "it lives")
    expect(message(page, "it lives")).to_be_visible()


@pytest.mark.parametrize("is_checked", [False, True], ids=["at once", "after the check"])
def test_a_message_said_meanwhile_is_not_lost(studio: Studio, visit: Visit, room: str, is_checked: bool) -> None:
    page, other = visit(f"/{room}/"), visit(f"/{room}/")
    say(page, "first")
    expect(message(other, "first")).to_be_visible()
    # The mistake is in a branch that only a link takes, so nothing that was said so far meets it.
    with page.expect_response("**/design/preview/page"), other.expect_response("**/design/preview/page"):
        studio.edit(MESSAGE, "{{ part.text }}</a>", "{{ part.txet }}</a>")
    if is_checked:
        studio.edit(ROOM, "{% block body %}", "{% block body %}{{ nobody }}")
        expect(problems(page)).to_contain_text("nobody")
        studio.edit(ROOM, "{{ nobody }}", "")
        expect(problems(page)).to_be_empty()
    say(page, "see https://example.com/")
    expect(problems(page).locator(".preview__words")).to_contain_text("txet")
    for each in (page, other):
        expect(each.locator("#chat > li")).to_have_count(2)
    studio.edit(MESSAGE, "{{ part.txet }}</a>", "{{ part.text }}!</a>")
    for each in (page, other):
        expect(each.locator("#chat p a")).to_have_text("https://example.com/!")
        expect(problems(each)).to_be_empty()
        expect(each.locator("#chat > li")).to_have_count(2)


def test_a_mistake_in_a_partial_for_frames_only_is_shown(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/")
    say(page, "before")
    studio.edit("templates/live/_frame.html", "{% for stream in streams %}", "{% for stream in steams %}")
    expect(problems(page).locator(".preview__place")).to_have_text("templates/live/_frame.html, line 7")
    say(page, "meanwhile")
    expect(message(page, "meanwhile")).to_be_visible()
    studio.edit("templates/live/_frame.html", "{% for stream in steams %}", "{% for stream in streams %}")
    expect(problems(page)).to_be_empty()


def test_a_broken_error_page_is_explained_too(studio: Studio, visit: Visit) -> None:
    studio.edit("templates/error.html", "{{ advice }}", "{{ advise }}")
    page = visit("/no/such/page")
    expect(problems(page).locator(".preview__words")).to_contain_text("Did you mean advice?")
    studio.edit("templates/error.html", "{{ advise }}", "{{ advice }}")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
