"""Documents have links that lead somewhere, and the version stands in one place."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from tests.support.app_server import ROOT

PLACES = ("*.md", ".github/**/*.md", "bench/*.md", "docs/**/*.md", "templates/*.md")
DOCUMENTS = sorted({path.relative_to(ROOT) for place in PLACES for path in ROOT.glob(place)})

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text_of(path: Path) -> str:
    """A document without its code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The names of a document's headings, as links give them."""
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text_of(path)))
    return {heading.strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_each_link_leads_to_a_file_and_a_heading_that_are_there(document: Path) -> None:
    for place, anchor in LINK.findall(text_of(ROOT / document)):
        target = (ROOT / document).parent / place if place else ROOT / document
        assert target.exists(), f"{document} links to {place}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{document} links to {place}#{anchor}, and there is no such heading"


def test_each_decision_is_in_the_index_and_says_why() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [link for link, _ in LINK.findall(index) if link[:2].isdigit()] == [page.name for page in pages]
    for page in pages:
        number = int(page.name[:2])
        first, *_ = page.read_text(encoding="utf-8").splitlines()
        assert first.startswith(f"# {number}. "), page.name
        assert f"[{first[2:]}]({page.name})" in index, f"the index has another title for {page.name}"
        wanted = {"context", "decision", "alternatives", "consequences"}
        assert wanted <= anchors(page), f"{page.name} lacks {sorted(wanted - anchors(page))}"


def test_the_version_is_the_newest_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert importlib.metadata.version("webapp") == project["version"], "run bin/venv test"
    headings = re.findall(
        r"^## (\S+)(?: \((.*)\))?$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    released = [(version, day) for version, day in headings if version != "Unreleased"]
    assert released[0][0] == project["version"]
    days = [date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)
