"""The wheel has everything that runs, and nothing that only developers use."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from hatch_build import FILES, INCLUDED
from tests.support.app_server import ROOT
from tests.wheel.environment import Environment


@pytest.fixture(scope="module")
def names(environment: Environment) -> frozenset[str]:
    """The paths of all files in the wheel."""
    with ZipFile(environment.wheel) as archive:
        return frozenset(archive.namelist())


def files_below(folder: Path) -> list[str]:
    """The files in `folder`, by their paths in the checkout."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [path.relative_to(ROOT).as_posix() for path in found]


def test_the_wheel_has_every_template_every_static_file_and_every_theme(names: frozenset[str]) -> None:
    files = [(name.partition("/")[2], place) for part, place in INCLUDED.items() for name in files_below(ROOT / part)]
    wanted = [f"{place}/{name}" for name, place in files]
    assert len(wanted) > 50
    assert {"webapp/themes/shipped/terminal/theme.toml", "webapp/themes/shipped/postcards/theme.toml"} <= {*wanted}
    assert [name for name in wanted if name not in names] == []


def test_the_wheel_has_the_browser_libraries_with_their_licences(names: frozenset[str]) -> None:
    assert [name for name in FILES if f"webapp/static/vendor/{name}" not in names] == []


def test_the_wheel_has_the_whole_package_and_says_that_it_is_typed(names: frozenset[str]) -> None:
    assert "webapp/py.typed" in names
    assert [name for name in files_below(ROOT / "webapp") if name not in names] == []


def test_the_wheel_has_nothing_else(names: frozenset[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"webapp"}
