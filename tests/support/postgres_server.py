"""A PostgreSQL server of the tests' own, which they break and mend, in a folder that is thrown away."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.support.leftovers import guard, guard_folder, release
from tests.support.patience import PATIENCE
from tests.support.ports import free_port

_numbers = itertools.count(1)

SEPARATOR = "\x1f"

PG_CTL_PATIENCE = ("-t", str(int(PATIENCE)))
"""Seconds that pg_ctl waits for a start or a stop."""


class PostgresServer:
    """Use it as a context manager; everybody on this machine may connect as `postgres` while it runs.

    Like PostgreSQL itself it refuses to run as root, so then it runs as the user `postgres`. Its port stays the same
    over all starts; all methods block.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="webapp-postgres-"))
        guard_folder(self._folder)
        self.log_path = self._folder / "log"
        self._binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))

    def __enter__(self) -> Self:
        if os.getuid() == 0:
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", self._data)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        """The URL of a database, as asyncpg takes it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """Create a database as a copy of another, to which nobody may be connected; its name."""
        name = f"test_{next(_numbers)}"
        self.query("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def query(self, database: str, sql: str) -> list[list[str]]:
        """Run `sql`; its rows, whose values have to be of one line. Raises CalledProcessError."""
        program = [str(self._binaries / "psql"), "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-qAt", "-F", SEPARATOR]
        done = subprocess.run(
            [*program, "-d", self.url(database), "-c", sql],
            check=True,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=self._folder,
            timeout=PATIENCE,
        )
        return [line.split(SEPARATOR) for line in done.stdout.splitlines()]

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", *PG_CTL_PATIENCE, "-l", str(self.log_path), "-o", options, "start")
        guard(self._first())

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """End it: `fast` tells its clients and finishes its files, `immediate` is a crash that it recovers from."""
        first = self._first()
        self._run("pg_ctl", "-D", self._data, "-w", *PG_CTL_PATIENCE, "-m", mode, "stop")
        release(first)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop, and start again."""
        self.stop(mode)
        self.start()

    def terminate_listeners(self, database: str) -> int:
        """End the connections over which the app's processes ring each other; how many there were."""
        # A listener that has rung since shows its last ring as its query.
        ended = self.query(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%')",
        )
        return len(ended)

    def freeze(self) -> None:
        """Stop all its processes from running, its connections left open, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _signal(self, number: signal.Signals) -> None:
        # The first one first: it makes the others, each in a process group of its own.
        first = self._first()
        os.kill(first, number)
        for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            # One that was about to end may have done so by now.
            with suppress(ProcessLookupError):
                os.kill(int(pid), number)

    def _first(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._binaries / program), *options]
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.getuid() == 0 else None
        groups: list[str] | None = [] if user else None
        subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=user,
            group=user,
            extra_groups=groups,
        )
