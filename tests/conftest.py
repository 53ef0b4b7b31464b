"""What every test may ask for: a server, a room of its own, a visitor without a browser."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.support import library_defaults
from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.databases import Database, Databases, PostgresDatabases, SqliteDatabases, opened
from tests.support.engine import Engine, running
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

_numbers = itertools.count(1)

library_defaults.make_patient()

DATABASES = ("postgres", "migrated", "redis", "nginx", "bouncer")


class Kind(NamedTuple):
    """A kind of test that `bin/test` treats in a way of its own, and that `bin/test --fast` leaves out.

    fixtures: parts of the names of its fixtures, and of their parameters. calls: parts of the names that it calls by
    itself, in small letters. places: the folders and files all of whose tests are of this kind.
    """

    meaning: str
    fixtures: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


KINDS = {
    "browser": Kind("opens a window of a real browser", ("browser", "window"), places=("browser",)),
    "database": Kind("needs PostgreSQL, Redis or what stands before them", DATABASES, DATABASES),
    "fault": Kind("breaks what the app runs on, or runs it as several processes", places=("contract",)),
    "package": Kind("runs what is built and installed elsewhere, as on a platform", places=("deploy", "wheel")),
    "process": Kind(
        "starts the app's commands, or a copy of the project, for itself alone",
        ("clone", "project"),
        ("appserver", "webapp", "subprocess"),
        ("backup", "deploy", "docs", "wheel", "test_check.py", "test_commands.py", "test_written.py"),
    ),
}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the kinds."""
    for name, kind in KINDS.items():
        config.addinivalue_line("markers", f"{name}: {kind.meaning} (set by itself)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its kinds, so that nobody has to think of it."""
    for item in items:
        assert isinstance(item, pytest.Function)
        for name, kind in KINDS.items():
            if _is(item, kind):
                item.add_marker(name)


def _is(item: pytest.Function, kind: Kind) -> bool:
    if {item.path.parent.name, item.path.name} & {*kind.places}:
        return True
    fixtures = [*item.fixturenames, *_parameters(item)]
    called = [name.lower() for name in item.function.__code__.co_names]
    return any(part in name for part in kind.fixtures for name in fixtures) or any(
        name.startswith(part) for part in kind.calls for name in called
    )


def _parameters(item: pytest.Function) -> list[str]:
    """The words of the parameters: a fixture that starts what its parameter says has no other name for it."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return [part for value in values if isinstance(value, str) for part in value.split("+") if part.isalpha()]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the app does."""
    return "asyncio"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server for all the tests that do not break it; each takes a `room` of its own."""
    with AppServer(tmp_path_factory.mktemp("server")) as running:
        yield running
    running.check()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., AppServer]]:
    """`serve(NAME=value, …)` starts a server of this test's own with that environment, until the test ends.

    The test fails when a server's log tells of a fault that the test did not put into its `expected`.
    """
    started: list[AppServer] = []
    with ExitStack() as stack:

        def start(**env: str) -> AppServer:
            started.append(stack.enter_context(AppServer(tmp_path / f"server-{len(started)}", env)))
            return started[-1]

        yield start
    for each in started:
        each.check()


@pytest.fixture
def others_room(server: AppServer, room: str) -> str:
    """The label of a room that another visitor has made: its owner reads more streams than others do."""
    httpx.get(f"{server.url}/{room}/")
    return room


@pytest.fixture
def room() -> str:
    """The label of a room that no other test uses."""
    return f"test-room-{next(_numbers)}"


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """One Redis; a test that breaks it mends it."""
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL; a test that breaks it mends it. Each takes a database of its own."""
    with PostgresServer() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with the app's tables, to make copies of."""
    name = postgres.create_database()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the app's tables, to make copies of."""
    path: Path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _migrate(f"sqlite://{path}")
    return path


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes databases of each kind in turn. Every test that runs on both goes through this fixture."""
    if request.param == "postgres":
        return PostgresDatabases(request.getfixturevalue("postgres"), request.getfixturevalue("migrated"))
    return SqliteDatabases(tmp_path_factory.mktemp("databases"), request.getfixturevalue("template_file"))


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A new database of each kind in turn, with the app in this process and two other programs."""
    async with opened(databases.migrated()) as found:
        yield found


@pytest.fixture
async def sqlite(template_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """`database`, where one kind is enough."""
    async with opened(SqliteDatabases(tmp_path, template_file).migrated()) as found:
        yield found


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """The engine in this process, with one room."""
    async with running(tmp_path / "engine.sqlite3") as found:
        yield found


def _migrate(url: str) -> None:
    done = webapp("migrate", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
