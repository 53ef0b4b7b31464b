"""The stores that servers use, made anew for a benchmark: Redis, and PostgreSQL as its installation leaves it.

Both run on the load's core, so that what is measured on the server's core is the server.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.harness.processes import LOAD_CORE, Server, environment, free_port


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    """Run a Redis that keeps nothing, until the block ends."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with Server(command, port, folder / "redis.log", environment(), core=LOAD_CORE, name="Redis") as server:
        yield server


def redis_url(server: Server) -> str:
    """Return the URL of its first database."""
    return f"redis://127.0.0.1:{server.port}/0"


class Postgres(Server):
    """A PostgreSQL server; everybody on this machine may connect as `postgres`."""

    def create_database(self, name: str) -> str:
        """Create an empty database; return its URL."""
        self.query("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def wait(self) -> None:
        """Wait until it takes connections, which is somewhat later than it listens. Raises CalledProcessError."""
        for _ in range(50):
            with suppress(subprocess.CalledProcessError):
                self.query("postgres", "SELECT 1")
                return
            time.sleep(0.1)
        self.query("postgres", "SELECT 1")

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def query(self, database: str, sql: str) -> str:
        """Run `sql` in a database; return its rows as text. Raises CalledProcessError."""
        command = [_program("psql"), "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)]
        done = subprocess.run([*command, "-c", sql], check=True, capture_output=True, text=True, cwd="/", timeout=30)
        return done.stdout.strip()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL with its own settings, whose commits are on the disk, until the block ends.

    Like PostgreSQL itself it refuses to run as root, so then it runs as the user `postgres`.
    """
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    try:
        if user:
            shutil.chown(folder, user, user)
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", str(folder / "data")]
        # No extra groups: those of root would go with it.
        groups: list[str] | None = [] if user else None
        subprocess.run(
            [_program("initdb"), *options],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=groups,
        )
        port = free_port()
        serve = [_program("postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
        log = folder / "log"
        with Postgres(serve, port, log, environment(), core=LOAD_CORE, user=user, name="PostgreSQL") as server:
            server.wait()
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return str(folders[-1] / name) if folders else name
