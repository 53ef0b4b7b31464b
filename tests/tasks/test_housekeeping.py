"""The change log of groups that nobody watches, and the file of SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.patience import eventually, within
from tests.tasks.test_expiry import hurry, last_run, make
from webapp.live.changelog.log import KEPT
from webapp.tasks import housekeeping

BEHIND = 30


async def test_the_log_of_a_room_that_nobody_watches_is_pruned(serve: Callable[..., AppServer], room: str) -> None:
    server = await asyncio.to_thread(serve)
    await asyncio.to_thread(make, server, room, KEPT + BEHIND)
    count = "SELECT count(*) FROM live_change"
    assert shell(server.database, count) == [[str(KEPT + BEHIND)]]
    await eventually(lambda: last_run(server.database, "prune-change-log")[1] == "0", server.log)
    for name in ("forget-given-up", "prune-change-log", "tend-sqlite"):
        await asyncio.to_thread(hurry, server, name)
    for name in ("forget-given-up", "prune-change-log", "tend-sqlite"):
        await eventually(lambda name=name: last_run(server.database, name) == ("1", "0", ""), server.log)  # type: ignore[misc]
    assert shell(server.database, count) == [[str(KEPT)]]
    assert "task prune-change-log done in 0." in server.log()
    assert f": {BEHIND} changes" in server.log()


def fill(path: Path) -> sqlite3.Connection:
    """A database whose write-ahead file has something in it, and the connection that keeps it there."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE x (y)")
    connection.execute("INSERT INTO x VALUES (zeroblob(200000))")
    return connection


def test_a_long_write_ahead_file_is_cut_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, wal = tmp_path / "x.sqlite3", tmp_path / "x.sqlite3-wal"
    with closing(fill(path)):
        size = wal.stat().st_size
        assert housekeeping._tend(path) is None
        assert wal.stat().st_size >= size > 200_000, "a short one stays"
        monkeypatch.setattr(housekeeping, "WAL_LIMIT", 100_000)
        assert "cut off" in (housekeeping._tend(path) or "")
        assert wal.stat().st_size == 0


def test_a_write_ahead_file_in_use_is_left_alone_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.sqlite3"
    monkeypatch.setattr(housekeeping, "WAL_LIMIT", 100_000)
    with closing(fill(path)) as writer, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM x").fetchall()
        writer.execute("INSERT INTO x VALUES (1)")
        began = time.monotonic()
        assert housekeeping._tend(path) == "the write-ahead file is in use"
        assert time.monotonic() - began < within(2)
