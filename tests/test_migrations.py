"""Migrations only add, models have none that is missing, and starting twice at once is safe."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tortoise.migrations import operations

from tests.support.app_server import ROOT, AppServer
from tests.support.live_client import LiveClient
from tests.support.patience import PATIENCE
from webapp import migrations
from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.live.database import DialectSQL, StateOnly
from webapp.settings import Settings

ADDITIVE = (operations.CreateModel, operations.AddField, operations.AddIndex)
ADDING = (
    *("CREATE UNIQUE INDEX ", "CREATE INDEX ", "CREATE TRIGGER ", "CREATE FUNCTION "),
    *("CREATE TABLE ", "CREATE VIRTUAL TABLE ", "INSERT INTO "),
)
MODULES = [module.name for module in pkgutil.iter_modules(migrations.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_a_migration_only_adds(name: str) -> None:
    # SQLite rebuilds a table for anything else, and loses what refers to it.
    module = importlib.import_module(f"webapp.migrations.{name}")
    for each in module.Migration.operations:
        # StateOnly leaves the database as it is.
        if isinstance(each, DialectSQL):
            statements = [statement.strip() for some in each.statements.values() for statement in some]
        else:
            statements = [] if isinstance(each, (*ADDITIVE, StateOnly)) else [each.sql]
        assert all(statement.startswith(ADDING) for statement in statements)


def test_the_models_have_no_change_without_a_migration() -> None:
    command = [str(Path(sys.executable).with_name("tortoise")), "makemigrations"]
    before = set((ROOT / "webapp" / "migrations").glob("*.py"))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    made = set((ROOT / "webapp" / "migrations").glob("*.py")) - before
    for path in made:
        path.unlink()
    assert not made, [path.name for path in made]
    assert done.returncode == 0, done.stderr


def test_two_migrations_at_once_are_safe(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SECRET_KEY": "x"}
    env["DATABASE_URL"] = f"sqlite://{tmp_path / 'x.sqlite3'}"
    command = [sys.executable, "-m", "webapp", "migrate"]
    running = [subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate(timeout=PATIENCE)[1] for each in running]
    assert [each.returncode for each in running] == [0, 0], said
    with closing(sqlite3.connect(tmp_path / "x.sqlite3")) as connection:
        connection.execute("INSERT INTO room (id, name, label) VALUES (1, 'a', 'a')")
        connection.execute("INSERT INTO message (room_id, handle, message) VALUES (1, 'ann', 'hi')")
        asked = "SELECT count(*) FROM live_change WHERE stream = 'chat'"
        assert connection.execute(asked).fetchone() == (1,)


async def test_a_worker_starts_after_a_later_release_has_installed_its_triggers(tmp_path: Path) -> None:
    # A platform migrates before it replaces the processes, and one that dies in between is replaced by its own kind.
    url = f"sqlite://{tmp_path / 'x.sqlite3'}"
    await migrate(url, bindings()[:1])
    app = create_app(Settings(database_url=url, secret_key="a secret that only tests know"))
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        assert await state["probe"].trouble() == ""


async def test_two_servers_that_start_at_the_same_moment_serve_the_same_rooms(tmp_path: Path, room: str) -> None:
    database = tmp_path / "shared.sqlite3"
    servers = [AppServer(tmp_path / name, database=database) for name in ("one", "two")]
    try:
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in servers))
        async with LiveClient(servers[0].url, room) as ann, LiveClient(servers[1].url, room) as bob:
            await ann.say("ann", "hi")
            await bob.until(lambda page: page.texts() == ["hi"])
    finally:
        for each in servers:
            await asyncio.to_thread(each.stop)
    assert not [line for each in servers for line in each.complaints()]
