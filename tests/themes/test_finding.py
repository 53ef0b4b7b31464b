"""THEME names a shipped theme, one that a package brings, or a folder; anything else is refused in one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.themes.made import theme
from webapp.settings import Settings, SettingsError
from webapp.themes import ThemeError, find_theme
from webapp.themes.finding import SHIPPED, installed_names, shipped_themes


def found(text: str) -> Path:
    one = find_theme(text)
    assert one is not None
    return one.folder


def refusal(text: str) -> str:
    with pytest.raises(ThemeError) as refused:
        find_theme(text)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_a_folder_is_found_by_a_relative_path_and_by_an_absolute_one(here: Path) -> None:
    theme(here / "ours", {"templates/about.html": "x"})
    theme(here.parent / "beside", {"static/icon.svg": "x"})
    assert found("ours") == found("./ours") == found(f"{here}/ours/") == here / "ours"
    assert found("../beside") == here.parent / "beside"


def test_a_shipped_theme_is_found_by_its_name_whatever_lies_in_the_current_folder(here: Path) -> None:
    theme(here / "terminal", {"templates/about.html": "x"})
    assert found("terminal") == SHIPPED / "terminal"
    assert found("./terminal") == here / "terminal"


@pytest.mark.parametrize("text", ["", "default"])
def test_no_name_and_default_are_the_built_in_design(text: str) -> None:
    assert find_theme(text) is None


def install(site: Path, name: str, package: str) -> None:
    """A package that brings the theme `name`, as pip would have put it into the folder `site`."""
    (site / package / "templates").mkdir(parents=True)
    (site / package / "__init__.py").write_text("raise RuntimeError('nobody needs to run this')\n", encoding="utf-8")
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[haiku_rooms.themes]\n{name} = {package}\n", encoding="utf-8")


def test_an_installed_package_brings_a_theme_and_its_code_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    install(tmp_path / "site", "ocean", "ocean_theme")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert found("ocean") == tmp_path / "site" / "ocean_theme"
    assert "ocean" in installed_names()
    assert "ocean" in refusal("oceans")
    assert "ocean_theme" not in sys.modules


def test_two_packages_with_a_theme_of_one_name_are_refused_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "ocean", "ocean_theme")
    install(tmp_path / "site", "ocean", "other_theme")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert "ocean_theme, other_theme" in refusal("ocean")


def test_a_package_that_has_gone_or_has_no_theme_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", "ocean", "ocean_theme")
    install(tmp_path / "site", "bare", "bare_theme")
    (tmp_path / "site" / "ocean_theme").rename(tmp_path / "site" / "elsewhere")
    (tmp_path / "site" / "bare_theme" / "templates").rmdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert "ocean_theme" in refusal("ocean")
    assert "neither templates/ nor static/" in refusal("bare")


def test_what_is_no_theme_is_refused_with_what_it_is(here: Path) -> None:
    (here / "file").write_text("x")
    (here / "bare").mkdir()
    assert "is a file" in refusal("file")
    assert "neither templates/ nor static/" in refusal("bare")
    for text in ("nowhere", "/no/such/folder", "~nobody-of-that-name/x", "a\0b", "\ud800", "a" * 5000, "a\nb"):
        told = refusal(text)
        assert "one of: default, postcards, terminal" in told


def test_the_folder_of_the_built_in_design_is_no_theme() -> None:
    assert "the folder of the built-in design" in refusal(str(SHIPPED.parent))


def test_a_folder_that_cannot_be_read_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theme(here / "ours", {"templates/about.html": "x"})
    # Whoever runs the tests may be allowed to read everything.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cannot be read" in refusal("ours")


def test_a_broken_manifest_is_refused(here: Path) -> None:
    (here / "ours" / "static").mkdir(parents=True)
    (here / "ours" / "theme.toml").write_bytes(b"name = ")
    assert "theme.toml is no TOML file" in refusal("ours")
    (here / "ours" / "theme.toml").write_bytes(b"name = '\xff'")
    assert "theme.toml is no TOML file" in refusal("ours")


def test_the_setting_says_its_name_and_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^THEME=nowhere: there is no such theme"):
        Settings.from_env({"THEME": "nowhere", "SECRET_KEY": "x"}, data=tmp_path)


def test_a_shipped_theme_says_what_it_looks_like_and_is_called_like_its_folder() -> None:
    shipped = shipped_themes()
    assert [one.folder.name for one in shipped] == ["postcards", "terminal"]
    for one in shipped:
        assert one.name == one.folder.name
        assert one.description.endswith(".")
        assert one.made_from
