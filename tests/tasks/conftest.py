"""Databases of both kinds, and processes that run tasks on them."""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_server import ROOT
from tests.support.database_shell import shell
from tests.support.leftovers import guard, release
from tests.support.patience import PATIENCE, eventually
from tests.support.postgres_server import PostgresServer
from webapp.app import bindings
from webapp.db import migrate


class Processes:
    """A database, and processes that run tasks of tests.tasks.runs on it."""

    def __init__(self, directory: Path, url: str, postgres: PostgresServer | None = None) -> None:
        self.url = url
        self.file = directory / "runs"
        self.file.touch()
        self.running: list[subprocess.Popen[bytes]] = []
        self._directory = directory
        self._numbers = itertools.count(1)
        self._postgres = postgres

    def query(self, sql: str) -> list[list[str]]:
        """Run `sql` as another program would."""
        if self._postgres is None:
            return shell(Path(self.url.removeprefix("sqlite://")), sql)
        return self._postgres.query(self.url.rsplit("/", 1)[1], sql)

    def start(self, names: Sequence[str], count: int = 1) -> None:
        """Start processes that know these tasks."""
        for _ in range(count):
            log = (self._directory / f"log-{next(self._numbers)}").open("wb")
            with log:
                command = [sys.executable, "-m", "tests.tasks.runs", self.url, str(self.file), *names]
                process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
            guard(process.pid)
            self.running.append(process)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End them all."""
        for process in self.running:
            process.send_signal(number)
            process.wait(PATIENCE)
            release(process.pid)
        self.running = []

    async def ready(self) -> None:
        """Wait until all of them look for due rows."""
        count = len(self.running)
        await eventually(lambda: self.log().count("ready") >= count, self.log)

    async def due(self, name: str) -> None:
        """Make a task due now."""
        made = f"SELECT id FROM background_task WHERE name = '{name}'"
        await eventually(lambda: self.query(made), self.log)
        await asyncio.to_thread(self.query, f"UPDATE background_task SET due_at = 0 WHERE name = '{name}'")

    def row(self, name: str, columns: str) -> list[str]:
        """These columns of a task's only row."""
        (found,) = self.query(f"SELECT {columns} FROM background_task WHERE name = '{name}'")
        return found

    def runs(self, name: str) -> list[str]:
        """The lines that a task's runs have left."""
        return [line for line in self.file.read_text().splitlines() if line.startswith(f"{name} ")]

    def log(self) -> str:
        """What all processes have said."""
        return "\n".join(path.read_text() for path in sorted(self._directory.glob("log-*")))


@pytest.fixture(params=["sqlite", "postgres"])
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    """Each of the two databases in turn."""
    found: Any
    if request.param == "sqlite":
        url = f"sqlite://{tmp_path / 'webapp.sqlite3'}"
        asyncio.run(migrate(url, bindings()))
        found = Processes(tmp_path, url)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.create_database(request.getfixturevalue("migrated")))
        found = Processes(tmp_path, url, server)
    yield found
    found.end()
