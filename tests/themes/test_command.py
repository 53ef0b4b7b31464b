"""`python -m webapp theme` makes a theme, copies files into it, and says what has changed in them since."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.themes.made import templates_of
from webapp import cli
from webapp.themes import builtin
from webapp.themes.new import EXAMPLES, TOKENS, version
from webapp.themes.theme import Theme
from webapp.themes.tokens import read_tokens


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty, and no THEME."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("THEME", raising=False)
    return tmp_path


@pytest.fixture
def told(here: Path, capsys: pytest.CaptureFixture[str]) -> Telling:
    return Telling(capsys)


class Telling:
    """Runs `theme` with some words. It gives what was said: on standard output, or on standard error when it failed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        assert cli.main(["theme", *words]) == status
        said = self._capsys.readouterr()
        return said.err if status == 2 else said.out


@pytest.fixture
def ocean(told: Telling, here: Path) -> Path:
    """The folder of a new theme."""
    told("new", "ocean")
    return here / "ocean"


@pytest.fixture
def changing(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built-in templates, which are two in this test, and may be changed."""
    for name in ("about.html", "error.html"):
        (here / "built-in" / name).parent.mkdir(exist_ok=True)
        (here / "built-in" / name).write_text(f"{name}\nas it was\n", encoding="utf-8")
    monkeypatch.setitem(builtin.FOLDERS, "templates", here / "built-in")
    return here / "built-in"


def test_a_new_theme_is_ready_to_use_and_says_what_it_was_made_from(ocean: Path, told: Telling) -> None:
    assert tomllib.loads((ocean / "theme.toml").read_text(encoding="utf-8"))["made_from"] == version()
    assert told("check", "--theme", "ocean") == "ocean is in order.\n"
    templates = templates_of(Theme.read(ocean))
    templates.list_style_sheets()
    sheet = templates._assets.style_sheets.bundle()[0].decode()
    assert sheet.rindex("--accent: light-dark(#7a3e9d") > sheet.index("--accent: ")


def test_its_sheet_names_every_token_with_its_built_in_value(ocean: Path) -> None:
    text = (ocean / TOKENS).read_text(encoding="utf-8")
    for token in read_tokens():
        assert f"{token.name}: " in text
        assert token.name in EXAMPLES or f"/* {token.name}: {token.value};" in text
    assert {token.name for token in read_tokens(ocean / TOKENS)} == {*EXAMPLES}


@pytest.mark.parametrize("name", ["", "Ocean", "a/b", "../up", "terminal", "default", "a" * 51, "-x", "ö"])
def test_a_name_that_cannot_be_used_is_refused_and_nothing_is_written(told: Telling, here: Path, name: str) -> None:
    assert told("new", "--", name, status=2)
    assert list(here.iterdir()) == []


def test_a_theme_is_not_written_over_what_is_there(ocean: Path, told: Telling) -> None:
    (ocean / TOKENS).write_text("mine", encoding="utf-8")
    assert "is there already" in told("new", "ocean", status=2)
    assert (ocean / TOKENS).read_text(encoding="utf-8") == "mine"


def test_files_are_copied_by_the_names_that_designers_use(ocean: Path, told: Telling) -> None:
    said = told("copy", "--theme", "ocean", "chat/_message.html", "css/message.css", "static/icon.svg")
    paths = ["ocean/templates/chat/_message.html", "ocean/static/css/message.css", "ocean/static/icon.svg"]
    assert said.splitlines() == paths
    assert (ocean / "static/icon.svg").read_bytes() == (builtin.FOLDERS["static"] / "icon.svg").read_bytes()


def test_in_the_folder_of_a_theme_and_with_the_setting_it_need_not_be_named(
    ocean: Path, told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "name the theme with --theme" in told("copy", "about.html", status=2)
    monkeypatch.setenv("THEME", "ocean")
    told("copy", "about.html")
    monkeypatch.delenv("THEME")
    monkeypatch.chdir(ocean)
    assert told("copy", "error.html") == "templates/error.html\n"


def test_a_copy_is_not_written_over_and_of_several_all_or_none_are_made(ocean: Path, told: Telling) -> None:
    told("copy", "--theme", "ocean", "about.html")
    assert "is there already" in told("copy", "--theme", "ocean", "error.html", "about.html", status=2)
    assert "Do you mean chat/room.html?" in told("copy", "--theme", "ocean", "error.html", "chat/rom.html", status=2)
    assert "there is no built-in" in told("copy", "--theme", "ocean", "../../etc/passwd", status=2)
    assert not (ocean / "templates" / "error.html").exists()


def test_diff_shows_what_has_changed_since_and_not_what_the_theme_changed(
    ocean: Path, told: Telling, changing: Path
) -> None:
    told("copy", "--theme", "ocean", "about.html", "error.html")
    (ocean / "templates/about.html").write_text("quite different\n", encoding="utf-8")
    assert "as they were when ocean copied 2" in told("diff", "--theme", "ocean")
    (changing / "about.html").write_text("about.html\nas it is\n", encoding="utf-8")
    assert told("diff", "--theme", "ocean", status=1).splitlines() == [
        "--- templates/about.html as copied",
        "+++ templates/about.html as it is now",
        "@@ -1,2 +1,2 @@",
        " about.html",
        "-as it was",
        "+as it is",
    ]


def test_what_was_accepted_is_not_shown_again(ocean: Path, told: Telling, changing: Path) -> None:
    told("copy", "--theme", "ocean", "about.html")
    (changing / "about.html").write_text("new\n", encoding="utf-8")
    assert "+new" in told("diff", "--theme", "ocean", "--accept")
    assert "+new" not in told("diff", "--theme", "ocean")


def test_a_file_that_is_no_longer_built_in_is_shown_as_gone(ocean: Path, told: Telling, changing: Path) -> None:
    told("copy", "--theme", "ocean", "about.html")
    (changing / "about.html").unlink()
    assert "+++ /dev/null" in told("diff", "--theme", "ocean", status=1)
    told("diff", "--theme", "ocean", "--accept")
    assert "+++ /dev/null" not in told("diff", "--theme", "ocean")


def test_a_file_that_was_copied_by_hand_is_named_and_one_that_is_made_of_the_built_in_one_is_not(
    ocean: Path, told: Telling
) -> None:
    (ocean / "templates").mkdir()
    (ocean / "templates/about.html").write_text("by hand", encoding="utf-8")
    (ocean / "templates/error.html").write_text('{% include "base:error.html" %}', encoding="utf-8")
    said = told("diff", "--theme", "ocean")
    assert "templates/about.html: nothing is known of what it was made from" in said
    assert "error.html" not in said


def test_check_fails_for_a_theme_with_a_mistake(ocean: Path, told: Telling) -> None:
    (ocean / TOKENS).write_text("@layer tokens {", encoding="utf-8")
    assert f"{TOKENS} has a {{ without its }}" in told("check", "--theme", "ocean", status=1)


def test_list_names_what_the_setting_can_name(told: Telling) -> None:
    assert [line.split()[0] for line in told("list").splitlines()] == ["default", "postcards", "terminal"]


def test_the_built_in_design_and_what_is_no_theme_cannot_be_changed(told: Telling) -> None:
    assert "Make one with `theme new`" in told("copy", "--theme", "default", "about.html", status=2)
    assert "nowhere: there is no such theme" in told("diff", "--theme", "nowhere", status=2)
