"""A theme that is being built shows as it grows, and a mistake is named in the theme's own file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.design.preview.studio import Studio, problems
from tests.support.app_server import AppServer
from tests.support.project_copy import Copy


@pytest.fixture(scope="module")
def theme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A theme with nothing in it but the folder of its style sheets."""
    folder = tmp_path_factory.mktemp("themes") / "mine"
    (folder / "static" / "css").mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def app(project: Copy, theme: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The copy, served with the theme."""
    command = (sys.executable, "-m", "webapp", "serve", "--dev")
    env = {"PYTHONSAFEPATH": "1", "THEME": str(theme)}
    with AppServer(tmp_path_factory.mktemp("theme"), env, command=command, root=project.root) as server:
        yield server
    server.check()


@pytest.fixture
def studio(theme: Path, app: AppServer) -> Iterator[Studio]:
    """Edits the theme's files."""
    with Studio(theme, app) as studio:
        yield studio


def test_files_of_a_theme_replace_the_built_in_ones_as_they_come_and_go(
    studio: Studio, visit: Callable[[str], Page]
) -> None:
    page = visit("/")
    studio.write("templates/about.html", '{% extends "base:about.html" %}{% block title %}Mine{% endblock %}')
    expect(page).to_have_title("Mine")
    studio.write("templates/about.html", '{% extends "base.html" %}{% block body %}<h1>{{ mine }}</h1>{% endblock %}')
    expect(problems(page).locator(".preview__place")).to_have_text("templates/about.html, line 1")
    studio.write("templates/about.html", '{% extends "base.html" %}{% block body %}<h1>My own</h1>{% endblock %}')
    expect(page.get_by_role("heading", name="My own")).to_be_visible()
    studio.write(
        "static/css/theme/paper.css", "/* Paper. */\n@layer pages {\n  html {\n    color: rgb(1, 2, 3);\n  }\n}\n"
    )
    expect(page.locator("html")).to_have_css("color", "rgb(1, 2, 3)")
    studio.edit("static/css/theme/paper.css", "rgb(1, 2, 3)", "rgb(4, 5, 6)")
    expect(page.locator("html")).to_have_css("color", "rgb(4, 5, 6)")
    studio.delete("templates/about.html")
    expect(page.get_by_role("heading", name="A quiet room to talk in")).to_be_visible()
    expect(problems(page)).to_be_empty()
