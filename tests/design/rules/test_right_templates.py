"""What is odd and right is no finding, and no text makes the check fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.design.rules.changed_site import findings, original, small_fixtures, told
from webapp.design.rules import check_templates
from webapp.live.templating import STATIC, TEMPLATES

ODD = """
    <ul>
      <li>An end tag that may be left out
      <li><p>The same <p>for a paragraph
    </ul>
    <table><tr><td>A row without a body<td>and a cell without an end</table>
    <IMG SRC="/a.png" ALT="">
    <svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 0"/><linearGradient id="g"></linearGradient></svg>
    <my-element some-thing="x" hx-get="/a">An element of its own</my-element>
    <label>A box in its label <input name="x"></label>
    <input name="y" aria-label="No room for a label" data-anything="1">
    <button type="button" popovertarget="odd" aria-label="Show">☰</button>
    <div id="odd" popover>{% raw %}{{ not a variable }} {% if %}{% endraw %}</div>
    <a href="https://example.com/">A link to elsewhere is no file from elsewhere</a>
    <a href="#">To the top</a>
    <i hx-get="/a" hx-trigger="click from:closest form, keyup[x" hidden></i>
    <input type="search" name="q" title="Search" {{ "autofocus" if true }}>
    {% set odd = "#fff" %}<b data-color="{{ odd }}">{{ "}}" }} {# a comment <p style="x"> #}</b>
    <!-- <img src="x" style="y" onclick="z"> -->
    <p>2 > 1 && 3 > 2</p>
    <textarea name="t" aria-label="Text"><p style="x">No element in here</textarea>
    <details><summary>More</summary><form method="dialog"><button>Close</button></form></details>
    <form method="get" action="/values/"><button hx-get="/values/" type="submit">Go</button></form>
    <pre>
  white space
    </pre>
"""


def test_odd_and_right_html_is_no_finding(tmp_path: Path) -> None:
    text = original("about.html").replace("    <h1>", f"{ODD}    <h1>").replace(", keyup[x", "")
    text = "{# check: file off untranslated: the words do not matter here #}\n" + text
    assert [str(each) for each in findings(tmp_path, {"about.html": text})] == []


def test_a_theme_may_move_an_element_to_another_template(tmp_path: Path) -> None:
    typing = '      <p id="typing" class="typing"></p>\n'
    room = original("chat/room.html")
    log = original("chat/_composer.html")
    assert typing in room
    files = {
        "chat/room.html": room.replace(typing, ""),
        "chat/_composer.html": log.replace("</form>", f"</form>\n{typing}"),
    }
    assert told(tmp_path, files) == []


def test_a_theme_may_extend_the_built_in_template_that_it_replaces(tmp_path: Path) -> None:
    text = '{# The room, with a line more. Given a RoomPage. #}\n{% extends "base:chat/room.html" %}\n'
    assert told(tmp_path, {"chat/room.html": text}) == []


def test_style_sheets_of_any_shape_are_read(tmp_path: Path) -> None:
    text = """@layer theme { :root { --paper: oklch(98% 0.01 90); --ink: light-dark(#222, hsl(40 5% 90%)); }
@media (width > 40rem) { :root { --faint: #eee } }
.a { &:hover { color: color-mix(in srgb, var(--ink), var(--nothing, red)) } --loop: var(--loop); } }
@font-face { font-family: "A"; src: url(../../icon.svg) }
@supports (display: grid) { .b { background: url("data:image/png;base64,AAAA//BB") } }"""
    assert told(tmp_path, {"css/theme/a.css": text}) == []


PIECES = """
{{ }} {% %} {# #} < > </ /> " ' = # [ ] : if x for endif include p div form table id hx-target hx-trigger from: class
check:off check: off missing-alt <hx-partial hx-swap=outerHTML hx-target=#a> <svg> <title> {%raw%} {{x|safe}} <p style
{%set(x)%} <!-- --> <script> </script> var( light-dark( @media { } ; url( /* */ --a: color: \ue000 \U000f0000 \ufeff é
""".split()  # noqa: SIM905 - a list to read

TEXTS = st.lists(
    st.sampled_from([*PIECES, "\n", "\r", "\t", "\0", " ", "{% extends 'about.html' %}"]) | st.text(max_size=5)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS)
def test_no_text_makes_the_check_fail(tmp_path: Path, pieces: list[str], rules: list[str]) -> None:
    templates, static = tmp_path / "templates", tmp_path / "static"
    for path, text in ((templates / "live/_mark.html", pieces), (static / "css/x.css", rules)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(text), encoding="utf-8", errors="replace", newline="")
    only = list(small_fixtures().of("live/_mark.html"))
    fixtures = replace(small_fixtures(), entries=only)
    for found in check_templates([templates, TEMPLATES], [static, STATIC], fixtures):
        assert found.line >= 1
        assert "\n" not in found.sentence
        assert "Traceback" not in found.sentence


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"\xef\xbb\xbf<p>"])
def test_a_file_of_any_bytes_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "templates/live/_mark.html"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    found = check_templates([tmp_path / "templates", TEMPLATES], [STATIC], small_fixtures())
    assert [each.sentence for each in found if each.rule == "jinja-error"] == (
        ["The file is not written in UTF-8."] if content == b"\xff\xfe" else []
    )
