"""A designer's day: templates, style sheets and a catalog change while pages are open, and no .py file does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.rooms import box, message, say
from tests.design.preview.studio import Sockets, Studio, problems

Visit = Callable[[str], Page]

CATALOG = "templates/locale/lt/LC_MESSAGES/messages.po"
SEND = """<button class="button">{% block send %}{{ _("Send") }}{% endblock %}</button>"""
NAME = """<div class="field composer__name">"""


def in_both(pages: tuple[Page, Page], look: Callable[[Page], None]) -> None:
    for page in pages:
        look(page)


def python_files(root: Path) -> dict[Path, float]:
    return {path: path.stat().st_mtime for path in root.rglob("*.py")}


def test_a_designer_changes_what_everybody_sees_and_nobody_loses_a_word(
    studio: Studio, visit: Visit, room: str
) -> None:
    before = python_files(studio.root)
    page, other = visit(f"/{room}/"), visit(f"/{room}/")
    pages = (page, other)
    say(other, "hello")
    expect(message(page, "hello")).to_be_visible()
    sockets = [Sockets(each) for each in pages]
    box(page).fill("half typed")

    # A section of the page.
    talk = '<main class="room__talk">'
    studio.edit("templates/chat/room.html", talk, f'<aside id="house-rules">Be kind.</aside>{talk}')
    in_both(pages, lambda each: expect(each.locator("#house-rules")).to_have_text("Be kind."))

    # The composer in another order.
    studio.edit("templates/chat/_composer.html", f"  {SEND}\n", "")
    studio.edit("templates/chat/_composer.html", NAME, f"{SEND}\n  {NAME}")
    in_both(pages, lambda each: expect(each.locator("#composer > button + .composer__name")).to_have_count(1))
    in_both(pages, lambda each: expect(each.get_by_role("button", name="Send")).to_have_count(1))

    # Messages with avatars.
    avatar = """<img src="{{ static('icon.svg') }}" width=16 height=16 alt="">"""
    studio.edit("templates/chat/_message.html", "<b dir=auto>", f"{avatar}<b dir=auto>")
    in_both(pages, lambda each: expect(each.locator("#chat li > img")).to_have_count(1))

    # Words of a partial, and an attribute of another one.
    studio.edit("templates/chat/_people.html", "In this room", "Who is here")
    studio.edit("templates/_brand.html", 'alt="Haiku Rooms"', 'alt="The lighthouse"')
    in_both(pages, lambda each: expect(each.locator("#people-heading")).to_have_text("Who is here"))
    in_both(pages, lambda each: expect(each.get_by_role("img", name="The lighthouse")).to_have_count(1))

    # A colour scheme, and a shape.
    studio.edit("static/css/tokens.css", "--paper: light-dark(#f6f4ef", "--paper: light-dark(#fde7f3")
    studio.edit("static/css/button.css", "border-radius: var(--radius);", "border-radius: 3px;")
    in_both(pages, lambda each: expect(each.locator("html")).to_have_css("background-color", "rgb(253, 231, 243)"))
    in_both(pages, lambda each: expect(each.get_by_role("button", name="Send")).to_have_css("border-radius", "3px"))

    # A mistake, and its end.
    studio.edit("templates/chat/_message.html", "{{ message.handle | seen }}", "{{ message.hanle | seen }}")
    in_both(pages, lambda each: expect(problems(each)).to_contain_text("Did you mean handle?"))
    studio.edit("templates/chat/_message.html", "{{ message.hanle | seen }}", "{{ message.handle | seen }}")
    in_both(pages, lambda each: expect(problems(each)).to_be_empty())

    expect(box(page)).to_have_value("half typed")
    expect(box(page)).to_be_focused()
    assert [(each.opened, each.closed) for each in sockets] == [([], []), ([], [])]
    box(page).press("Enter")
    in_both(pages, lambda each: expect(message(each, "half typed")).to_be_visible())
    in_both(pages, lambda each: expect(each.locator("#chat li > img")).to_have_count(2))
    assert python_files(studio.root) == before


def test_other_words_of_a_language_show_in_an_open_page(studio: Studio, visit: Visit, room: str) -> None:
    page = visit(f"/{room}/?language=lt")
    expect(page.get_by_role("button", name="Siųsti")).to_be_visible()
    box_of_words = page.locator("#message")
    box_of_words.fill("pusiau parašyta")
    studio.edit(CATALOG, 'msgstr "Siųsti"', 'msgstr "Pasakyti"')
    expect(page.get_by_role("button", name="Pasakyti")).to_be_visible()
    expect(box_of_words).to_have_value("pusiau parašyta")
