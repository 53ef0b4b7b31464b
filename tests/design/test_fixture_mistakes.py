"""Mistakes in a file of fixtures are told with their line, in plain words; everything else goes on working."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.design.folders import read
from webapp.design.fixtures import load
from webapp.live.templating import TEMPLATES

MISTAKES = {
    "a template that is not there": (
        '["chat/_mesage.html".one]\n',
        1,
        "There is no template “chat/_mesage.html”. Did you mean “chat/_message.html”?",
    ),
    "a field that is not there": (
        '["chat/_message.html".one]\nmesage = "@ann"\n',
        2,
        "MessageContext has no “mesage”. Did you mean “message”? It has message.",
    ),
    "a column that is not there": (
        '["chat/_message.html".one]\n[ "chat/_message.html".one.message ]\nhandel = "Ann"\n',
        3,
        "Message has no “handel”. Did you mean “handle”? It has id,",
    ),
    "a number for a text": (
        '["live/_typing.html".one]\ncount = 1\ntyping = [\n  "Ann",\n  3,\n]\n',
        5,
        "typing has to be a text, and this is the number 3.",
    ),
    "a text for a number": (
        '["error.html".one]\nstatus = "404"\n',
        2,
        "status has to be a number, and this is the text",
    ),
    "true for a number": ('["error.html".one]\nstatus = true\n', 2, "status has to be a number, and this is true."),
    "a list for a table": (
        '["chat/_message.html".one]\nmessage = []\n',
        2,
        "message has to be Message, and this is a list.",
    ),
    "a sample that is not there": (
        '["chat/_message.html".one]\nmessage = "@anne"\n',
        2,
        "there is no sample “anne”. Did you mean “ann”? A text that begins with @ is written with two: “@@anne”.",
    ),
    "a sample that does not fit": (
        '[samples]\nyear = 2026\n["chat/_message.html".one]\nmessage = "@year"\n',
        4,
        "message has to be Message, and this is the number 2026.",
    ),
    "a mistake in a sample": (
        '[samples.zoe]\nhandle = "Zoe"\nmesage = "x"\n["chat/_message.html".one]\nmessage = "@zoe"\n',
        3,
        "Message has no “mesage”.",
    ),
    "a sample that holds itself": (
        '[samples.zoe]\nlike = "@zoe"\n["chat/_message.html".one]\nmessage = "@zoe"\n',
        2,
        "the sample “zoe” holds itself",
    ),
    "another state that is not there": (
        '["chat/_message.html".one]\n["chat/_message.html".two]\nlike = "won"\n',
        3,
        "there is no other state “won” here. Did you mean “one”?",
    ),
    "two states like each other": (
        '["chat/_message.html".a]\nlike = "b"\n["chat/_message.html".b]\nlike = "a"\n',
        2,
        "“a” is like “b”, which is like it, so neither says anything.",
    ),
    "none where there has to be something": (
        '["error.html".one]\nstatus = "@none"\n',
        2,
        "status cannot be none: it is a number.",
    ),
    "too many": (
        '["chat/_log.html".one]\nmessages = [{ repeat = 1_000_000 }]\n',
        2,
        "repeat has to be a number from 0 to 100,000.",
    ),
    "a class that is not there": (
        '["chat/room.html".one]\npanels = [{ template = "x", rows = [{ is = "IntegerValu" }] }]\n',
        2,
        "there is no class “IntegerValu”. Did you mean “IntegerValue”?",
    ),
    "a type that is not there": (
        '["own/_new.html".given]\nname = "txt: What it is."\n',
        2,
        "name is said to be “txt”, which is no type. These are there: text, number, yes or no,",
    ),
    "a state that is no table": ('["own/_new.html"]\none = 1\n', 2, "“one” has to be a table"),
    "a title that is no text": ('["own/_new.html".one]\ntitle = 1\n', 2, "title has to be a text."),
    "an entry to show that is not there": (
        '["chat/room.html".one]\nshows = ["live/_typing.html won"]\n',
        2,
        "There is no entry “live/_typing.html won”. Did you mean “live/_typing.html one”?",
    ),
    "a page to show it on that is not there": (
        '["own/_new.html"]\non = "chat/room.html mani"\none = {}\n',
        2,
        "There is no entry “chat/room.html mani”. Did you mean “chat/room.html many”?",
    ),
    "no TOML": ('["own/_new.html".one]\ntitle = "One\n', 2, "The file cannot be read from here on: illegal character"),
    "the same table twice": ("[samples.a]\n[samples.a]\n", 2, "The file cannot be read from here on: cannot declare"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, what: str) -> None:
    text, line, told = MISTAKES[what]
    problems = read(tmp_path, text, new="{{ name }}").problems
    assert (problems[0].file, problems[0].line) == (tmp_path / "fixtures.toml", line)
    assert told in problems[0].text
    assert str(problems[0]).startswith(f"{tmp_path / 'fixtures.toml'}:{line}: ")


def test_other_entries_are_there_in_spite_of_a_mistake(tmp_path: Path) -> None:
    fixtures = read(tmp_path, '["own/_new.html".one]\nname = "x"\n["own/_new.html".two]\nnam = "x"\n', new="{{ name }}")
    assert [each.state for each in fixtures.of("own/_new.html")] == ["one"]
    assert len(fixtures.problems) == 1
    assert len(fixtures.entries) == len(load([TEMPLATES]).entries) + 1


def test_a_file_that_cannot_be_read_leaves_those_of_other_folders(tmp_path: Path) -> None:
    fixtures = read(tmp_path, "[", new="{{ name }}")
    assert fixtures.find("chat/_message.html one") is not None
    assert len(fixtures.problems) == 1


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "fixtures.toml").write_bytes(b"title = '\xff'")
    (problem,) = load([tmp_path, TEMPLATES]).problems
    assert problem.text.startswith("The file cannot be read")
