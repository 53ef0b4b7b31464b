"""The shipped templates with a file changed, and what the check says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from webapp.design.fixtures import Fixtures, load
from webapp.design.rules import TemplateFinding, check_templates
from webapp.live.templating import STATIC, TEMPLATES

LARGE = 100_000
"""Samples that render more than that many characters say nothing that the small ones do not."""


@cache
def small_fixtures() -> Fixtures:
    """The samples of the shipped templates, without the large ones."""
    fixtures = load([TEMPLATES])
    return replace(
        fixtures, entries=[each for each in fixtures.entries if each.state not in ("thousand", "five_thousand")]
    )


def original(name: str) -> str:
    """What stands in a shipped template or style sheet."""
    return ((STATIC if name.startswith("css/") else TEMPLATES) / name).read_text(encoding="utf-8")


def findings(folder: Path, files: Mapping[str, str]) -> list[TemplateFinding]:
    """Check the shipped templates with some files in place of theirs.

    Args:
        folder: An empty folder for the files.
        files: Their texts, by the names of templates or of style sheets (`css/…`).
    """
    templates, static = folder / "templates", folder / "static"
    for name, text in files.items():
        path = (static if name.startswith("css/") else templates) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return check_templates([templates, TEMPLATES], [static, STATIC], small_fixtures())


def told(folder: Path, files: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Of each finding the file's name, the line and the rule.

    What is missing in the catalogs of the shipped templates does not count: translators may be behind.
    """
    found = [each for each in findings(folder, files) if each.sentence not in shipped_gaps()]
    return [(_name(each.file), each.line, each.rule) for each in found]


@cache
def shipped_gaps() -> frozenset[str]:
    """What the check says of the words that the shipped catalogs lack."""
    found = check_templates([TEMPLATES], [STATIC], small_fixtures())
    return frozenset(each.sentence for each in found if each.rule == "missing-translation")


def _name(path: Path) -> str:
    parts = path.parts
    for top in ("templates", "static"):
        if top in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(top) :])
    return str(path)
