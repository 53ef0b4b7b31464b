"""A site of other people, and the app that may ask it, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.previews.server import COMMAND
from tests.previews.sites import Site, serving
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.postgres_server import PostgresServer


class App(NamedTuple):
    """The app and its database.

    Attributes:
        server: The app.
        query: Runs SQL as another program would.
    """

    server: AppServer
    query: Callable[[str], list[list[str]]]


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on 127.0.0.1."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on each database in turn. It may ask sites on 127.0.0.1."""
    directory: Path = tmp_path_factory.mktemp("app")
    env = {}
    if request.param == "postgres":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        name = postgres.create_database(request.getfixturevalue("migrated"))
        env["DATABASE_URL"] = postgres.url(name)
    with AppServer(directory, env, command=COMMAND) as server:
        if request.param == "postgres":
            yield App(server, lambda sql: postgres.query(name, sql))
        else:
            yield App(server, lambda sql: shell(server.database, sql))
    server.check()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[AppServer]:
    """The app on SQLite for one test alone, not started yet. It may ask sites on 127.0.0.1."""
    server = AppServer(tmp_path, command=COMMAND)
    yield server
    server.stop()
    server.check()
