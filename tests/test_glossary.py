"""The glossary is current: its folders and names exist, and no concept of the engine is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.app_server import ROOT

ENGINE = ROOT / "webapp" / "live"

# Words that the other pages, the templates and the code use without explaining them.
EXPECTED = {
    *("backpressure", "binding", "catch-up", "change", "change log", "cursor", "ephemeral", "fan-out", "feed"),
    *("fragment", "frame", "group", "group columns", "group commit", "head", "hub", "idempotency key", "namespace"),
    *("partial", "poll", "position", "presence", "rate limit", "relay", "reset", "ring", "scope", "sequence number"),
    *("snapshot", "stale", "stream", "subscriber", "visitor", "writer"),
}

# Tortoise's client, and an operation of its migrations: no concepts of ours.
NOT_CONCEPTS = {"PostgresClient", "StateOnly"}

# The words that style.md replaces, and that must not come back as terms.
FORMER = {"afresh", "whisper", "pulse", "place", "join", "review", "retire", "away", "light"}


class Entry(NamedTuple):
    """text: without the code. code: (folder, name) for each name in the code."""

    term: str
    text: str
    code: list[tuple[str, str]]


def entries() -> Iterator[Entry]:
    for entry in re.split(r"^- ", (ROOT / "docs" / "glossary.md").read_text(), flags=re.MULTILINE)[1:]:
        found = re.fullmatch(r"\*\*(.+?)\*\*: (.+?)\s\*Code:\*((?:\s+`[^`]+`[,;]?)+)", entry.strip(), re.DOTALL)
        assert found, f"no term, text and code: {entry}"
        code, folder = [], ""
        for quoted in re.findall(r"`([^`]+)`", found[3]):
            if quoted.endswith("/"):
                folder = quoted
            else:
                code.append((folder, quoted))
        yield Entry(found[1], " ".join(found[2].split()), code)


@cache
def names(folder: Path) -> frozenset[str]:
    """The names that modules of a folder define: classes, functions, constants, attributes and fields."""
    found: set[str] = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return frozenset(found)


def concepts() -> Iterator[tuple[str, str]]:
    """(folder, class) of each public class whose module is named for it."""
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and re.sub(r"(?<!^)(?=[A-Z])", "_", node.name).lower() == path.stem:
                yield f"{path.parent.relative_to(ROOT)}/", node.name


ENTRIES = list(entries())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)
def test_an_entry_is_short_and_names_what_there_is(entry: Entry) -> None:
    assert len(re.findall(r"[.:](?= [A-Z]|$)", entry.text)) <= 3, "one or two sentences"
    assert entry.code, "say where it lives"
    for folder, name in entry.code:
        assert (ROOT / folder).is_dir(), f"{folder} is no folder"
        assert name in names(ROOT / folder), f"nothing in {folder} is called {name}"


def test_terms_stand_in_order_and_once() -> None:
    terms = [entry.term.casefold() for entry in ENTRIES]
    assert terms == sorted(set(terms))
    assert not FORMER & set(terms)


def test_no_word_of_the_style_is_missing() -> None:
    assert {entry.term for entry in ENTRIES} >= EXPECTED


def test_no_folder_of_the_engine_is_missing() -> None:
    folders = {f"{path.parent.relative_to(ROOT)}/" for path in ENGINE.rglob("__init__.py")}
    assert folders == {folder for entry in ENTRIES for folder, _ in entry.code if folder.startswith("webapp/live/")}


def test_no_class_that_a_module_is_named_for_is_missing() -> None:
    explained = {code for entry in ENTRIES for code in entry.code}
    missing = [(folder, name) for folder, name in concepts() if name not in NOT_CONCEPTS]
    assert [code for code in missing if code not in explained] == []


def test_links_to_the_glossary_lead_to_it() -> None:
    linking = [
        path for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if "glossary.md" in path.read_text()
    ]
    assert linking, "no page says that there is a glossary"
    for path in linking:
        for link in re.findall(r"\]\(([^)]*glossary\.md)[^)]*\)", path.read_text()):
            assert (path.parent / link).is_file(), f"{path.name}: {link}"
