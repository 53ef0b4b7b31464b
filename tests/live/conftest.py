"""The databases, as fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import Database, postgres_database, sqlite_database
from tests.support.engine import Engine, running
from tests.support.postgres_server import PostgresServer


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with sqlite_database(tmp_path / "webapp.sqlite3") as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Each of the two databases in turn."""
    if request.param == "sqlite":
        async with sqlite_database(tmp_path / "webapp.sqlite3") as found:
            yield found
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with postgres_database(server.url(server.create_database())) as found:
        yield found


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with running(tmp_path / "engine.sqlite3") as found:
        yield found
