"""What the command prints, and what it says in JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.app_server import ROOT
from webapp import cli
from webapp.design.rules import RULES, Level, TemplateFinding, as_json, as_lines, document, fails

FATAL = TemplateFinding(Path("templates/a.html"), 3, "inline-style", Level.FATAL, "A.", "B.", "C.")
WARNING = FATAL._replace(line=5, rule="missing-alt", level=Level.WARNING)
ADVICE = FATAL._replace(file=Path("templates/b.html"), rule="unused-variable", level=Level.ADVICE)


def test_findings_are_grouped_by_file_with_what_readers_notice_and_how_to_mend_it() -> None:
    lines = as_lines([FATAL, WARNING, ADVICE]).split("\n")
    assert lines[0] == "templates/a.html:3: fatal inline-style: A."
    assert [line.strip() for line in lines[1:4]] == [
        "Readers: B.",
        "To mend: C.",
        "docs/template-rules.md#inline-style",
    ]
    assert lines[4].startswith("templates/a.html:5: warning missing-alt:")
    assert lines[8:10] == ["", "templates/b.html:3: advice unused-variable: A."]
    assert lines[-1] == "1 fatal, 1 warning, 1 advice"
    assert as_lines([]) == "The templates and style sheets are in order."


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b" not in as_lines([FATAL])
    assert "\x1b[31mfatal" in as_lines([FATAL], colored=True)


def test_the_json_is_as_the_document_says() -> None:
    data = json.loads(as_json([FATAL]))
    assert data["version"] == 1
    assert data["findings"] == [
        {
            "file": "templates/a.html",
            "line": 3,
            "level": "fatal",
            "rule": "inline-style",
            "sentence": "A.",
            "noticed": "B.",
            "mend": "C.",
            "docs": "docs/template-rules.md#inline-style",
        }
    ]
    text = document()
    assert all(f"| `{name}` |" in text for name in data["findings"][0])


def test_what_is_fatal_fails_and_warnings_with_strict() -> None:
    assert fails([FATAL], strict=False)
    assert not fails([WARNING, ADVICE], strict=False)
    assert fails([WARNING], strict=True)
    assert not fails([ADVICE], strict=True)


def test_the_document_is_current() -> None:
    """`python -m webapp check templates --rules > docs/template-rules.md` writes it."""
    assert (ROOT / "docs" / "template-rules.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_all_there_is_to_say_in_words(name: str) -> None:
    rule = RULES[name]
    assert f"### {name}\n" in document()
    for text in (rule.noticed, rule.mend):
        assert text[0].isupper()
        assert text.endswith(".")
    assert rule.bad != rule.good


def test_the_command_prints_findings_and_its_status_says_whether_they_stop_a_release(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webapp.design.rules.check_templates", lambda *folders: [WARNING])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert cli.main(["check", "templates"]) == 0
    assert "warning missing-alt: A." in capsys.readouterr().out
    assert cli.main(["check", "templates", "--strict", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "missing-alt"
    assert cli.main(["check", "templates", "--rules"]) == 0
    assert capsys.readouterr().out == document()
