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

from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.servers import ROOT, AppServer

_numbers = itertools.count(1)


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
    subprocess.run((sys.executable, "-m", "webapp", "migrate"), cwd=ROOT, env=env, check=True, timeout=60)
    return name
