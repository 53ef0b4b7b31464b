"""The board, in this process and as a server, on each of the two databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.board.bots import Board
from tests.support.app_server import AppServer
from tests.support.databases import Database, Databases


@pytest.fixture
async def board(database: Database) -> AsyncIterator[Board]:
    """The board's engine in this process."""
    board = Board(database)
    yield board
    await board.hub.close()


@pytest.fixture(scope="module")
def each_server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server of its own on each database; at its end nobody may have caused an ERROR in its log."""
    env = {"DATABASE_URL": databases.migrated()} if databases.kind == "postgres" else {}
    with AppServer(tmp_path_factory.mktemp("server"), env) as running:
        yield running
    running.check()
