"""The changes that an HTML document needs for the preview."""

from __future__ import annotations

import html
import json
import re

from webapp.design.preview.document import (
    KEEPS,
    empty_ids,
    has_socket,
    is_page,
    parts_of,
    with_config,
    with_element,
    with_kept,
    with_typed,
    with_versions,
    without_noscript,
)


def test_empty_elements_are_found_whatever_their_attributes_hold() -> None:
    text = """<p id="a" hx-target="#x > i"></p><ul id=b>
      </ul><p id='c'>text</p><i id="d"><b></b></i><input id="e">"""
    assert empty_ids(text) == ["a", "b"]
    assert with_kept(text, ["b", "c"]).count(KEEPS) == 1
    assert f"<ul id=b {KEEPS}>" in with_kept(text, ["b"])


def test_typed_texts_go_into_their_fields_in_the_order_of_the_page() -> None:
    page = (
        '<input name="name" value="old" class="x"><input type="hidden" name="name" value="kept">'
        '<input name=name><textarea name="text">old</textarea><input type="submit" name="name" value="Send">'
    )
    typed = with_typed(page, {"name": ['"one" & <two>', "three"], "text": ["a\n</textarea>"]})
    assert typed == (
        '<input name="name" class="x" value="&quot;one&quot; &amp; &lt;two&gt;">'
        '<input type="hidden" name="name" value="kept">'
        '<input name=name value="three"><textarea name="text">\na\n&lt;/textarea&gt;</textarea>'
        '<input type="submit" name="name" value="Send">'
    )


def test_a_field_that_the_page_did_not_have_keeps_its_value() -> None:
    assert with_typed('<input name="new" value="a">', {"old": ["b"]}) == '<input name="new" value="a">'


def test_a_page_is_told_from_a_fragment_and_taken_apart() -> None:
    page = '<!DOCTYPE html><html><head lang="en"><title>a</title></head><body class="b > c">\n<p></p></body></html>'
    assert is_page(page)
    assert not is_page("<header></header><p></p>")
    assert parts_of(page) == ("<title>a</title>", ' class="b > c"', "\n<p></p>")
    assert parts_of("<p></p>") is None
    assert with_element(page, "<i></i>").endswith("<p></p><i></i></body></html>")


def test_only_an_element_that_opens_a_socket_counts_as_one() -> None:
    assert has_socket('<div id="room"\n  hx-ws:connect="/x">')
    assert not has_socket("<p>hx-ws:connect=</p>")


def test_the_configuration_of_a_page_is_kept_and_added_to() -> None:
    config = html.escape(json.dumps({"extensions": "ws", "noSwap": [204]}))
    page = with_config(f'<head><meta name="htmx-config" content="{config}"></head>')
    (found,) = re.findall(r'content="([^"]*)"', page)
    read = json.loads(html.unescape(found))
    assert (read["extensions"], read["noSwap"]) == ("ws", [204])
    assert "open" in read["morphIgnore"]
    assert KEEPS in read["morphSkipChildren"]
    assert "htmx-config" in with_config("<head></head>")


def test_plain_links_to_sheets_get_the_address_that_changes() -> None:
    link = '<link rel="stylesheet" href="/static/css/a.css{}">'
    assert with_versions(link.format(""), lambda path: f"/static/{path}?v=1") == link.format("?v=1")
    assert with_versions(link.format("?v=0"), lambda path: "no") == link.format("?v=0")


def test_what_is_for_browsers_without_scripts_is_left_out() -> None:
    text = '<noscript><meta http-equiv="refresh" content="20"></noscript><p>a</p><noscript>b</noscript>'
    assert without_noscript(text) == "<noscript></noscript><p>a</p><noscript></noscript>"
