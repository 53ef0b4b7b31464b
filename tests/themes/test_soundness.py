"""What keeps the app from serving with a theme is said by `check`, by `theme check` and at the start."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import SERVE, AppServer
from tests.support.commands import webapp
from tests.support.patience import PATIENCE
from tests.themes.made import theme
from webapp.themes.finding import shipped_themes
from webapp.themes.soundness import problems
from webapp.themes.theme import Theme

WRONG: Mapping[str, tuple[str, str]] = {
    "syntax": ("templates/about.html", "one\n{% if %}"),
    "list": ("templates/_styles.html", '{{ style_sheets(["none"]) }}'),
    "name": ("templates/_styles.html", "{{ stylesheets() }}"),
    "brace": ("static/css/theme/x.css", "a {"),
    "comment": ("static/css/message.css", "/* and so on"),
    "address": ("static/css/theme/x.css", "a { background: url(none.png) }"),
}
"""A file that is wrong, by what is wrong with it."""

TOLD = {
    "syntax": "templates/about.html, line 2: Expected an expression",
    "list": "css/none.css",
    "name": "'stylesheets' is undefined",
    "brace": "static/css/theme/x.css has a { without its }",
    "comment": "static/css/message.css has a comment without its */",
    "address": "static/css/theme/x.css names none.png",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, what: str) -> None:
    path, text = WRONG[what]
    (told,) = problems(theme(tmp_path, {path: text}))
    assert TOLD[what] in told
    assert "\n" not in told


def test_a_link_that_leads_out_of_the_theme_is_refused(tmp_path: Path) -> None:
    one = theme(tmp_path / "ours", {"templates/about.html": "x", "static/icon.svg": "x"})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.html").write_text("x")
    (one.folder / "templates" / "live").symlink_to(tmp_path / "secret")
    (one.folder / "static" / "key.svg").symlink_to(tmp_path / "secret" / "key.html")
    (one.folder / "static" / "same.svg").symlink_to("icon.svg")
    told = list(problems(one))
    assert [each.partition(" ")[0] for each in told] == [
        str(one.folder / "templates" / "live"),
        str(one.folder / "static" / "key.svg"),
    ]
    assert all("leads out of the theme's folder" in each for each in told)


def test_a_template_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    one = theme(tmp_path, {"templates/about.html": "x"})
    (one.folder / "templates" / "about.html").write_bytes(b"\xff")
    assert list(problems(one)) == ["templates/about.html is not written in UTF-8."]


@pytest.mark.parametrize("one", shipped_themes(), ids=lambda one: one.name)
def test_a_shipped_theme_is_in_order(one: Theme) -> None:
    assert list(problems(one)) == []


def test_the_start_is_refused_in_one_line_and_check_says_the_same(tmp_path: Path) -> None:
    theme(tmp_path / "ours", {"templates/about.html": "{% if %}"})
    env = {"THEME": str(tmp_path / "ours"), "DATABASE_URL": f"sqlite://{tmp_path / 'x.sqlite3'}", "SECRET_KEY": "x"}
    wanted = "THEME=ours: templates/about.html, line 1: Expected an expression, got 'end of statement block'"
    checked = webapp("check", **env)
    # What else the check of templates finds in that file follows.
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (1, f"error: {wanted}")
    started = subprocess.run(
        SERVE, env={**AppServer(tmp_path).environment, **env}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (started.returncode, started.stderr) == (2, f"webapp: {wanted}\n")


def test_a_designers_server_starts_with_a_mistake_and_shows_what_is_mended(tmp_path: Path) -> None:
    one = theme(tmp_path / "ours", {"templates/about.html": "{% if %}", "static/css/theme/x.css": "a {"})
    with AppServer(tmp_path, {"THEME": str(one.folder), "RELOAD_TEMPLATES": "on"}) as server:
        server.expected.append("Exception in ASGI application")
        assert httpx.get(server.url).status_code == 500
        theme(one.folder, {"templates/about.html": "Mended"})
        assert httpx.get(server.url).text == "Mended"
