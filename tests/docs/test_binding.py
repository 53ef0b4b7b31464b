"""docs/binding.md is true: its code runs, passes the project's checks, and is as short as it says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.ports import ServerFailed
from tests.support.project_copy import Copy, blocks, changed_by
from webapp.scaffold.blueprint import Blueprint
from webapp.scaffold.drawing import drawn
from webapp.scaffold.listing import listed

DOCUMENT = "binding.md"
LINES = {block.place: block.text for block in blocks(DOCUMENT)}
MODELS, BINDINGS = "webapp/todo/models.py", "webapp/todo/bindings.py"
WRONG = re.compile(r"^\| `(?P<written>[^`]+)` \| `(?P<said>[^`]+)` \|$", re.MULTILINE)

# Declares each binding of a list of them, and prints what is said of each.
DECLARE = """
import json, sys
from webapp.live.binding.binding import Binding
from webapp.todo.bindings import TodoBinding
names = ("model", "stream", "group", "fields", "writable", "template")
said = []
for written in json.loads(sys.argv[1]):
    body = {"__module__": "webapp.todo.bindings", "__qualname__": "TodoBinding"}
    body |= {name: vars(TodoBinding)[name] for name in names}
    exec(written, {}, body)
    try:
        type("TodoBinding", (Binding,), body)
        said.append("nothing")
    except TypeError as error:
        said.append(f"{type(error).__name__}: {error}")
print(json.dumps(said))
"""


def code_lines(text: str) -> list[str]:
    """The lines of `text` that are neither empty, nor imports, nor docstrings."""
    tree = ast.parse(text)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Import | ast.ImportFrom) or is_text:
            assert isinstance(node, ast.stmt)
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return [line for number, line in enumerate(text.splitlines(), 1) if line.strip() and number not in skipped]


def test_the_ten_lines_are_ten_lines_at_most() -> None:
    assert len(code_lines(LINES[MODELS])) == 3
    assert len(code_lines(LINES[BINDINGS])) == 7


def test_the_rest_is_a_folder_and_one_line_with_its_import() -> None:
    changed = [block for block in blocks(DOCUMENT) if block.language == "diff"]
    assert [block.place for block in changed] == ["webapp/features.py"]
    lines = [line for line in changed[0].text.splitlines() if line[:1] in "+-"]
    imports = "from webapp import admin, board, chat, front, identity, listing, owners, previews, room_values, search"
    assert lines[:2] == [f"-{imports}", f"+{imports}, todo"]
    assert lines[2:] == ["+    todo.feature,"]
    # Nothing else is changed: every other block is a new file.
    assert [place for place in LINES if place and place != "webapp/features.py" and (ROOT / place).exists()] == []


def test_what_the_command_writes_is_what_the_document_shows() -> None:
    written = drawn(Blueprint.parse("todo", ["title:str", "done:bool"], None))
    assert {place: LINES.get(place) for place, text in written.items() if text} == {
        place: text for place, text in written.items() if text
    }
    assert "python -m webapp new todo title:str done:bool\n" in (ROOT / "docs" / DOCUMENT).read_text(encoding="utf-8")
    changed = Path("webapp/features.py")
    (shown,) = (block for block in blocks(DOCUMENT) if block.place == str(changed))
    assert changed_by(shown, (ROOT / changed).read_text()) == listed((ROOT / changed).read_text(), "todo")


def test_every_block_of_code_names_its_file() -> None:
    assert not [block.text for block in blocks(DOCUMENT) if not block.place]


def test_the_links_lead_somewhere() -> None:
    text = (ROOT / "docs" / DOCUMENT).read_text(encoding="utf-8")
    found = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    named = [path for path in re.findall(r"`((?:templates|tests|docs)/[\w/.]+)`", text) if path not in LINES]
    assert [link for link in found if not (ROOT / "docs" / link).exists()] == []
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_what_the_document_shows_passes_the_projects_checks(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.follow(DOCUMENT)
    copy.run("tortoise", "makemigrations")
    copy.run("ruff", "format", "webapp/migrations")
    copy.run("ruff", "format", "--check", ".")
    copy.run("ruff", "check", ".")
    for check in ("--check", "--lint"):
        copy.run("djlint", check, *(place for place in LINES if place.startswith("templates/")))
    # What is imported was checked where it comes from; here its types alone are of use.
    copy.run("mypy", "--follow-imports=silent", *(f"{folder}/todo" for folder in ("webapp", "tests")))


def test_the_documents_own_test_passes(project: Copy) -> None:
    assert "3 passed" in project.run("pytest", "-q", "-p", "no:cacheprovider", "tests/todo")


def test_what_the_document_says_of_wrong_declarations_is_what_they_say(project: Copy) -> None:
    text = (ROOT / "docs" / DOCUMENT).read_text(encoding="utf-8")
    part = text[text.index("## What a wrong declaration says") :]
    rows = WRONG.findall(part[: part.index("\n## ", 1)])
    assert len(rows) > 15
    said = json.loads(project.run("python", "-c", DECLARE, json.dumps([written for written, _ in rows])))
    place = "WrongDeclaration: webapp.todo.bindings.TodoBinding: "
    assert dict(zip((written for written, _ in rows), said, strict=True)) == {
        written: place + expected for written, expected in rows
    }


def test_a_template_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "project")
    copy.follow(DOCUMENT)
    copy.run("tortoise", "makemigrations")
    (copy.root / "templates/todo/_todo.html").unlink()
    said = 'webapp.todo.bindings.TodoBinding: template = "todo/_todo.html": there is no such file in templates/'
    with pytest.raises(ServerFailed, match=re.escape(said)):
        AppServer(tmp_path / "server", root=copy.root).start()
