"""What a partial does to a page in a frame of the gallery is what htmx does to it."""

from __future__ import annotations

import pytest

from webapp.design.gallery.applying import put
from webapp.design.gallery.frames import can_be_seen, wrapped

PAGE = '<ol id="chat" data-x="a > b"><li id="a">1</li><li id="b" class="old more">2<br></li></ol><p id="banner"></p>'


def partial(target: str, swap: str = "innerHTML", content: str = "new") -> str:
    return f"<hx-partial hx-target='{target}' hx-swap=\"{swap}\">{content}</hx-partial>"


@pytest.mark.parametrize(
    ("html", "was", "becomes"),
    [
        (partial("#banner"), '<p id="banner"></p>', '<p id="banner">new</p>'),
        (partial("#a"), '<li id="a">1</li>', '<li id="a">new</li>'),
        (partial("#a", "innerMorph"), '<li id="a">1</li>', '<li id="a">new</li>'),
        (partial("#a", "outerHTML", "<li>x</li>"), '<li id="a">1</li>', "<li>x</li>"),
        (partial("#a", "delete"), '<li id="a">1</li>', ""),
        (partial("#chat", "beforeend"), "<br></li></ol>", "<br></li>new</ol>"),
        (partial("#nobody"), PAGE, PAGE),
        (partial(""), PAGE, PAGE),
        (partial("#a:placeholder-shown, #b"), '<li id="a">1</li>', '<li id="a">new</li>'),
        (partial("#x:has(#y > i) #a.busy"), '<li id="a">1</li>', '<li id="a">new</li>'),
        (partial('#chat:has(> [data-key="1"]:last-child)', "beforeend"), "<br></li></ol>", "<br></li>new</ol>"),
        (partial("#chat > .old", "delete"), '<li id="b" class="old more">2<br></li>', ""),
        (partial("#chat > :first-child"), PAGE, PAGE),
        (partial("#a") + "\n" + partial("#b"), PAGE, PAGE.replace(">1<", ">new<").replace(">2<br><", ">new<")),
    ],
)
def test_a_partial_goes_to_its_target(html: str, was: str, becomes: str) -> None:
    assert was in PAGE
    assert put(PAGE, html) == PAGE.replace(was, becomes)


def test_an_upsert_replaces_what_is_there_and_appends_what_is_new() -> None:
    html = '<hx-upsert hx-target="#chat" key="data-key" sort><li id="a">one</li><li id="c">3</li></hx-upsert>'
    page = put(PAGE, html)
    assert '<li id="a">one</li>' in page
    assert '<br></li><li id="c">3</li></ol>' in page


def test_what_stands_in_no_partial_goes_into_the_element_that_the_fixture_names() -> None:
    page = put(PAGE, f"<b>lost</b>{partial('#a')}", "#banner")
    assert page == PAGE.replace('<p id="banner"></p>', '<p id="banner"><b>lost</b></p>').replace(">1<", ">new<")


def test_a_partial_stands_in_the_elements_that_the_fixture_names() -> None:
    assert wrapped("x", "div#a.b.c ol.d") == '<div id="a" class="b c"><ol class="d">x</ol></div>'
    assert wrapped("x", "") == "x"


@pytest.mark.parametrize("html", ["x", "<p>&eacute;</p>", '<input id="a">', "<img>", "<button></button>"])
def test_what_can_be_seen(html: str) -> None:
    assert can_be_seen(html)


@pytest.mark.parametrize(
    "html", ["", "\n", "<p> </p>", '<input type="hidden" value="x">', "<script>1</script>", "<title>x</title>", "&#32;"]
)
def test_what_cannot_be_seen(html: str) -> None:
    assert not can_be_seen(html)
