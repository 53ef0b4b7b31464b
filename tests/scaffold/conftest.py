"""The project as somebody has it who ran `python -m webapp new` a few times."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import browser, window
from tests.support.app_server import AppServer
from tests.support.project_copy import Copy
from webapp.scaffold.blueprint import NAME_LIMIT
from webapp.scaffold.kinds import KINDS

__all__ = ["browser", "window"]


def longest(name: str) -> str:
    """A name as long as names may be."""
    return f"{name}_".ljust(NAME_LIMIT, "x")


COMMANDS = (
    # A field of each type, and a page for each list.
    "event title:str notes:text seats:int urgent:bool day:date starts_at:datetime price:decimal --by list:int",
    # Names that no line has room for.
    f"{longest('a')} {' '.join(f'{longest(kind)}:{kind}' for kind in KINDS)} --by {longest('by')}:str",
    # Rows that have nothing to be known by.
    "note body:text",
    "yes one:bool two:bool",
)
NAMES = tuple(command.split()[0] for command in COMMANDS)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy, with the features that the commands wrote, and nothing done by hand."""
    copy = Copy(tmp_path_factory.mktemp("project"))
    for command in COMMANDS:
        copy.run("python", "-m", "webapp", "new", *command.split())
    return copy


@pytest.fixture(scope="module")
def app(project: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The copy, served on SQLite."""
    with AppServer(tmp_path_factory.mktemp("scaffold"), root=project.root) as server:
        yield server
    server.check()
