"""What every test may ask for: a server, a room of its own, a visitor without a browser."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import libraries
from tests.patience import PATIENCE
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.servers import ROOT, AppServer

_numbers = itertools.count(1)

libraries.make_patient()

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "browser": ("opens a window of a real browser", ("browser", "window")),
    "database": (
        "needs PostgreSQL, Redis or what stands before them",
        ("postgres", "migrated", "redis", "nginx", "bouncer"),
    ),
    "fault": ("breaks what the app runs on, or runs it as several processes", ()),
}
"""What `bin/test --fast` leaves out: what it is, and what the names of its fixtures hold."""

FOLDERS = {"browser": "browser", "contract": "fault"}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the kinds."""
    for kind, (meaning, _) in KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {meaning} (set by itself)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its kinds, so that nobody has to think of it."""
    for item in items:
        assert isinstance(item, pytest.Function)
        names = [*item.fixturenames, *_parameters(item)]
        called = [name.lower() for name in item.function.__code__.co_names]
        kinds = {FOLDERS.get(item.path.parent.name, "")}
        kinds |= {kind for kind, (_, parts) in KINDS.items() if any(part in name for part in parts for name in names)}
        if any(part in name for part in KINDS["database"][1] for name in called):
            kinds.add("database")
        for kind in kinds - {""}:
            item.add_marker(kind)


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
    """The name of a database with the app's tables, to make copies of."""
    name = postgres.create_database()
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "DATABASE_URL": postgres.url(name),
        "SECRET_KEY": "a secret that only tests know",
    }
    subprocess.run((sys.executable, "-m", "webapp", "migrate"), cwd=ROOT, env=env, check=True, timeout=PATIENCE)
    return name
