"""A file of a theme replaces the built-in one, and can be made of it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.themes.made import FIRST_PAGE, templates_of, theme
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates


def test_a_template_extends_the_built_in_one_that_it_replaces(tmp_path: Path) -> None:
    source = '{% extends "base:about.html" %}{% block title %}Ours, {{ super() }}{% endblock %}'
    html = templates_of(theme(tmp_path, {"templates/about.html": source})).render("about.html", FIRST_PAGE)
    assert "<title>Ours, Haiku Rooms</title>" in html
    assert 'action="/new/"' in html


def test_what_a_built_in_template_includes_comes_from_the_theme(tmp_path: Path) -> None:
    files = {
        "templates/about.html": '{% extends "base:about.html" %}',
        "templates/base.html": '{% extends "base:base.html" %}{% block head %}<!-- ours -->{{ super() }}{% endblock %}',
        "templates/_styles.html": '{% include "base:_styles.html" %}<!-- and more -->',
    }
    html = templates_of(theme(tmp_path, files)).render("about.html", FIRST_PAGE)
    # about.html fills the block that the theme's base.html has filled too; what it includes is the theme's.
    assert "<!-- and more -->" in html
    assert html.count('rel="stylesheet"') == 1


def test_base_means_the_last_folder_however_many_lie_over_it(tmp_path: Path) -> None:
    top = theme(tmp_path / "top", {"templates/x.html": '1 {% include "y.html" %}'})
    middle = theme(tmp_path / "middle", {"templates/x.html": "2", "templates/y.html": '3 {% include "base:y.html" %}'})
    last = theme(tmp_path / "last", {"templates/y.html": "4"})
    folders = [*top.templates, *middle.templates, *last.templates]
    assert Templates(folders, Assets([STATIC]))._environment.get_template("x.html").render() == "1 3 4"


def test_a_name_after_base_leads_nowhere_else(tmp_path: Path) -> None:
    templates = templates_of(theme(tmp_path, {"templates/ours.html": "x"}))
    for name in ("base:ours.html", "base:../pyproject.toml", "base:base:about.html", "base:/etc/passwd", "base:"):
        assert not templates.has(name), name


def test_every_template_is_listed_once(tmp_path: Path) -> None:
    listed = templates_of(theme(tmp_path, {"templates/about.html": "x"}))._environment.list_templates()
    assert sorted(set(listed)) == sorted(listed)
    assert len(listed) >= len([*TEMPLATES.rglob("*.html")])


def test_no_built_in_template_names_one_with_base() -> None:
    """It would find itself for ever."""
    assert [path.name for path in TEMPLATES.rglob("*.html") if '"base:' in path.read_text(encoding="utf-8")] == []


def test_a_changed_file_of_a_theme_counts_at_the_next_load_for_a_designer(tmp_path: Path) -> None:
    one = theme(tmp_path, {"static/icon.svg": "x"})
    templates = Templates([*one.templates, TEMPLATES], Assets([*one.static, STATIC], reload=True), reload=True)
    built_in = templates.render("about.html", FIRST_PAGE)
    theme(tmp_path, {"templates/about.html": "A new file"})
    assert templates.render("about.html", FIRST_PAGE) == "A new file"
    theme(tmp_path, {"templates/about.html": "A changed one"})
    os.utime(tmp_path / "templates/about.html", (1, 1))
    assert templates.render("about.html", FIRST_PAGE) == "A changed one"
    (tmp_path / "templates/about.html").unlink()
    assert templates.render("about.html", FIRST_PAGE) == built_in


def test_two_themes_serve_in_one_process(tmp_path: Path) -> None:
    """A room's owner may choose one, some day."""
    one = templates_of(theme(tmp_path / "one", {"templates/about.html": "One"}))
    two = templates_of(
        theme(tmp_path / "two", {"static/css/theme/x.css": "@layer tokens { :root { --ink: rebeccapurple; } }"})
    )
    for templates in (one, two):
        templates.list_style_sheets()
    assert one.render("about.html", FIRST_PAGE) == "One"
    assert "rebeccapurple" in two._assets.style_sheets.bundle()[0].decode()
    assert "rebeccapurple" not in one._assets.style_sheets.bundle()[0].decode()
