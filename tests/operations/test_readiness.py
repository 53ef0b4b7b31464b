"""A process says itself whether it should be sent visitors, and which part of it says no."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.patience import eventually, eventually_blocking
from tests.support.postgres_server import PostgresServer
from webapp.app import bindings
from webapp.db import connected, migrate, serves_this_release
from webapp.operations import readiness as module
from webapp.operations.readiness import Part, Readiness
from webapp.operations.stopping import told_of_stop


def answer(server: AppServer) -> tuple[int, dict[str, str]]:
    found = httpx.get(f"{server.url}/readyz", headers={"Host": "10.1.2.3"}, timeout=20)
    first, *lines = found.text.splitlines()
    assert (found.status_code, first) in ((200, "ready"), (503, "not ready"))
    assert found.headers["Cache-Control"] == "no-store"
    return found.status_code, dict(line.split(": ", 1) for line in lines)


def alive(server: AppServer) -> bool:
    """What a platform that restarts processes asks; the answer may not depend on the database."""
    found = httpx.get(f"{server.url}/livez", headers={"Host": "10.1.2.3"}, timeout=5)
    return (found.status_code, found.headers["Cache-Control"]) == (200, "no-store")


READY = (200, dict.fromkeys(("database", "writer", "relay", "log"), "ok"))


def test_a_stuck_writer_turns_it_red_and_a_mended_one_green(serve: Callable[..., AppServer]) -> None:
    server = serve()
    eventually_blocking(lambda: answer(server) == READY, lambda: answer(server))
    other = sqlite3.connect(server.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        eventually_blocking(lambda: answer(server)[0] == 503, lambda: answer(server))
        assert answer(server)[1]["writer"] in (
            "the database does not answer",
            "the database is locked by another program",
        )
        assert (httpx.get(f"{server.url}/healthz").status_code, alive(server)) == (503, True)
        other.execute("ROLLBACK")
    finally:
        other.close()
    eventually_blocking(lambda: answer(server) == READY, lambda: answer(server))


async def test_a_stuck_writer_of_a_postgresql_fails_alone(
    postgres: PostgresServer, migrated: str, tmp_path: Path
) -> None:
    url = postgres.url(postgres.create_database(migrated))
    server = AppServer(tmp_path, {"DATABASE_URL": url, "BROADCAST_URL": ""})
    await asyncio.to_thread(server.start)
    try:
        await eventually(lambda: answer(server) == READY, lambda: answer(server))
        other = await asyncpg.connect(url)
        await other.execute("BEGIN")
        await other.execute("LOCK TABLE live_probe")
        await eventually(lambda: answer(server)[0] == 503, lambda: answer(server))
        status, parts = answer(server)
        assert (status, parts) == (503, {**READY[1], "writer": "the database does not answer"})
        assert await asyncio.to_thread(alive, server)
        await other.execute("COMMIT")
        await other.close()
        await eventually(lambda: answer(server) == READY, lambda: answer(server))
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_dead_relay_leaves_it_ready_since_the_poll_carries(
    postgres: PostgresServer, migrated: str, tmp_path: Path
) -> None:
    env = {"DATABASE_URL": postgres.url(postgres.create_database(migrated)), "BROADCAST_URL": "redis://127.0.0.1:1"}
    with AppServer(tmp_path, env) as server:
        eventually_blocking(lambda: answer(server)[0] == 200, lambda: answer(server))
        assert answer(server)[1]["relay"] == "last heard never, the poll carries"


async def test_a_database_of_a_later_release_still_serves_and_one_that_lacks_something_does_not(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/x.sqlite3"
    await migrate(url, bindings())
    async with connected(url) as log:
        assert await serves_this_release(log)
        query = log._connection.execute_query
        await query("INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_later', 'now')")
        await query("UPDATE live_schema SET fingerprint = 'of a later release'")
        assert await serves_this_release(log)
        (newest,) = (await query("SELECT name FROM tortoise_migrations WHERE name < '9' ORDER BY name DESC LIMIT 1"))[1]
        await query(f"DELETE FROM tortoise_migrations WHERE name = '{newest['name']}'")
        assert not await serves_this_release(log)
        await query("DELETE FROM live_schema")
        assert not await serves_this_release(log)


class Parts:
    """The engine's parts as a test wants them."""

    def __init__(self) -> None:
        self.hub = SimpleNamespace(looked_at=time.monotonic())
        self.relay = SimpleNamespace(heard_at=time.monotonic())
        self.trouble_of_writer = ""
        self.database: Any = True
        self.asked = 0
        of_any = cast("Any", self)
        self.readiness = Readiness(of_any.hub, of_any, of_any.relay, self._is_migrated)

    async def trouble(self) -> str:
        return self.trouble_of_writer

    async def _is_migrated(self) -> bool:
        self.asked += 1
        if isinstance(self.database, Exception):
            raise self.database
        if self.database is None:
            await asyncio.Event().wait()
        return bool(self.database)

    async def failing(self) -> dict[str, str]:
        return {part.name: part.told for part in await self.readiness.parts() if part.fails}


async def test_each_part_is_named_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRESH", 0.0)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    parts = Parts()
    assert await parts.failing() == {}
    parts.database = False
    assert await parts.failing() == {"database": "not migrated: run `python -m webapp migrate`"}
    parts.database = OSError("postgres://u:hush@h/ is away")
    assert await parts.failing() == {"database": "cannot be reached: OSError"}
    parts.database, parts.trouble_of_writer = True, "the disk is full"
    assert await parts.failing() == {"writer": "the disk is full"}
    parts.trouble_of_writer = ""
    parts.relay.heard_at -= 60
    assert await parts.failing() == {}
    parts.hub.looked_at -= 60
    failing = await parts.failing()
    assert failing == {
        "log": "the change log was last looked at 60 seconds ago",
        "relay": "last heard 60 seconds ago, and the poll does not carry either",
    }
    parts.hub.looked_at = time.monotonic()
    parts.database = None
    asked = parts.asked
    assert [await parts.failing() for _ in range(3)] == [{"database": "does not answer"}] * 3
    assert parts.asked == asked + 1


async def test_who_asks_at_once_shares_one_question() -> None:
    parts = Parts()
    await asyncio.gather(*(parts.failing() for _ in range(20)))
    assert parts.asked == 1


async def test_a_signal_to_stop_turns_it_red_before_anything_else_happens() -> None:
    parts = Parts()
    heard: list[object] = []

    def server_hears(number: int, frame: object) -> None:
        heard.append((number, parts.readiness._stopping))

    before = signal.signal(signal.SIGTERM, server_hears)
    try:
        with told_of_stop(parts.readiness.stop):
            assert await parts.failing() == {}
            os.kill(os.getpid(), signal.SIGTERM)
            await eventually(lambda: heard)
            assert heard == [(signal.SIGTERM, True)]
            assert await parts.readiness.parts() == [Part("process", True, "stopping")]
        assert signal.getsignal(signal.SIGTERM) is server_hears
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_stopping_server_is_not_ready_for_as_long_as_it_answers(serve: Callable[..., AppServer]) -> None:
    server = serve()
    eventually_blocking(lambda: answer(server)[0] == 200, lambda: answer(server))
    with httpx.Client(base_url=server.url) as http:
        assert http.get("/readyz").status_code == 200
        os.kill(server.pid, signal.SIGTERM)
        answers = []
        try:
            while True:
                answers.append(http.get("/readyz").status_code)
        except httpx.HTTPError:
            pass
    # The signal may come in the middle of the first.
    assert set(answers[1:]) <= {503}, answers
    process = server._process
    assert process is not None
    assert process.wait(10) == 0
    server._process = None
