"""A rule is switched off by a comment, with a reason, for an element, a line or a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.design.rules.changed_site import original, told

OPENING = "{# An example. Included by chat/room.html. #}\n"


def page(body: str) -> dict[str, str]:
    """The first page with something in its <main>."""
    return {"about.html": original("about.html").replace("    <h1>", f"{body}\n    <h1>")}


PICTURE = '<img src="/a.png">'
OFF = "{# check: off missing-alt: the words beside it say the same #}\n"


def test_a_comment_before_an_element_switches_a_rule_off_for_all_that_is_in_it(tmp_path: Path) -> None:
    assert told(tmp_path, page(f"{OFF}<div>\n<b>\n{PICTURE}\n</b>\n</div>")) == []


def test_what_stands_after_the_element_is_found(tmp_path: Path) -> None:
    files = page(f"{OFF}{PICTURE}\n{PICTURE}")
    line = files["about.html"].splitlines().index(PICTURE) + 2
    assert told(tmp_path, files) == [("about.html", line, "missing-alt")]


def test_a_comment_for_the_file_switches_a_rule_off_in_all_of_it(tmp_path: Path) -> None:
    files = page(f"{PICTURE}\n{PICTURE}")
    files["about.html"] = "{# check: file off missing-alt: these only decorate #}\n" + files["about.html"]
    assert told(tmp_path, files) == []


def test_a_comment_switches_off_no_other_rule(tmp_path: Path) -> None:
    files = page(OFF.replace("missing-alt", "inline-style") + PICTURE)
    assert [rule for _, _, rule in told(tmp_path, files)] == ["missing-alt"]


def test_a_rule_that_looks_at_what_was_rendered_is_switched_off_too(tmp_path: Path) -> None:
    comment = "{# check: off heading-order: the next page has what is between #}\n"
    assert told(tmp_path, page("<h1>A</h1>\n" + comment + "<h4>B</h4>"))[0][2] == "heading-order"
    assert ("heading-order" in str(told(tmp_path, page(comment + "<h4>B</h4>")))) is False


@pytest.mark.parametrize(
    "text", ["check: off missing-alt", "check: off missing-alt:  ", "check: off no-such: x", "check: x"]
)
def test_a_comment_without_a_reason_or_with_a_wrong_name_is_a_finding_and_has_no_effect(
    tmp_path: Path, text: str
) -> None:
    found = [rule for _, _, rule in told(tmp_path, page(f"{{# {text} #}}\n{PICTURE}"))]
    assert found == ["switched-off", "missing-alt"]


def test_what_jinja_cannot_read_is_never_switched_off(tmp_path: Path) -> None:
    files = page("{# check: off jinja-error: never mind #}\n{% nonsense %}")
    assert {rule for _, _, rule in told(tmp_path, files)} == {"switched-off", "jinja-error"}


def test_a_comment_in_a_style_sheet_switches_a_rule_off_for_the_next_line(tmp_path: Path) -> None:
    rules = "  i { color: var(--none); }\n"
    opening = "@layer base {\n"
    text = original("css/base.css").replace(
        opening, f"{opening}  /* check: off unknown-token: theirs */\n{rules}{rules}", 1
    )
    line = text.splitlines().index(rules.rstrip()) + 2
    assert told(tmp_path, {"css/base.css": text}) == [("css/base.css", line, "unknown-token")]
