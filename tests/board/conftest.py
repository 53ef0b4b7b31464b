"""The board, in this process and as a server, on each of the two databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.board.bots import Board
from tests.live.databases import postgres_database, sqlite_database
from tests.postgres_server import PostgresServer


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
