"""The tutorial in docs/themes.md builds a theme from nothing, as it is written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.project_copy import blocks, follow
from webapp import cli

DOCUMENT = "themes.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("THEME", raising=False)
    return tmp_path


def commands() -> Iterator[list[str]]:
    """What the document tells its reader to type, without `bin/dev`, in whose place the test serves."""
    for block in blocks(DOCUMENT):
        if block.language == "sh":
            yield from (shlex.split(line) for line in block.text.splitlines() if "bin/dev" not in line)


def test_each_step_does_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = list(commands())
    assert [step[:4] for step in steps] == [
        ["python", "-m", "webapp", "theme"],
    ] * 4
    written = [block for block in blocks(DOCUMENT) if block.place]
    new, *others = steps
    assert cli.main(new[3:]) == 0
    with AppServer(folder / "server", {"THEME": str(folder / "ocean"), "RELOAD_TEMPLATES": "on"}) as server:
        assert "#7a3e9d" in styles(server), "the buttons are violet"
        follow(folder, written[:1])
        assert "#eef6f8" in styles(server)
        follow(folder, written[1:2])
        assert "3px solid var(--accent)" in styles(server)
        follow(folder, written[2:3])
        assert "<title>Ocean · Haiku Rooms</title>" in httpx.get(server.url).text
        assert cli.main(others[0][3:]) == 0
        follow(folder, written[3:4])
        assert "Only water here" in httpx.get(f"{server.url}/no such page/").text
    capsys.readouterr()
    assert cli.main(others[1][3:]) == 0
    assert capsys.readouterr().out == "ocean is in order.\n"
    assert cli.main(others[2][3:]) == 0
    assert len(written) == 4


def styles(server: AppServer) -> str:
    """All style sheets that a page links to, in their order."""
    page = httpx.get(server.url).text
    return "".join(httpx.get(f"{server.url}{url}").text for url in re.findall(r'rel="stylesheet" href="([^"]+)"', page))


def test_the_document_lists_the_shipped_themes_with_their_descriptions(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["theme", "list"])
    text = (ROOT / "docs" / DOCUMENT).read_text(encoding="utf-8").lower()
    for line in capsys.readouterr().out.splitlines()[1:]:
        name, _, description = line.partition(" ")
        assert f"| `{name}` | {description.strip().removesuffix('.').lower()} |" in text
