"""The board, in this process and as a server, on each of the two databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.board.bots import Board
from tests.support.app_server import AppServer
from tests.support.databases import postgres_database, sqlite_database
from tests.support.postgres_server import PostgresServer


@pytest.fixture(params=["sqlite", "postgres"])
async def board(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Board]:
    """The board's engine in this process."""
    if request.param == "sqlite":
        async with sqlite_database(tmp_path / "webapp.sqlite3") as found:
            board = Board(found)
            yield board
            await board.hub.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with postgres_database(server.url(server.create_database())) as found:
        board = Board(found)
        yield board
        await board.hub.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def each_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server of its own on each database; at its end nobody may have caused an ERROR in its log."""
    env = {}
    if request.param == "postgres":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        env["DATABASE_URL"] = postgres.url(postgres.create_database(request.getfixturevalue("migrated")))
    with AppServer(tmp_path_factory.mktemp("server"), env) as running:
        yield running
    running.check()
