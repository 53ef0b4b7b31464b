"""A pgbouncer of the tests' own in front of their PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.nginx_server import wait_until_it_takes_connections
from tests.postgres_server import PostgresServer
from tests.servers import free_port

_CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={postgres} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
"""


class PgbouncerServer:
    """Use it as a context manager. It pools connections as Debian's does, with nothing set that would help an app.

    mode: `transaction` gives each transaction whichever server connection is free. size: server connections.
    """

    def __init__(
        self, postgres: PostgresServer, mode: Literal["session", "transaction"] = "transaction", size: int = 4
    ) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="webapp-pgbouncer-"))
        text = _CONFIGURATION.format(postgres=postgres.port, port=self.port, mode=mode, size=size)
        (self._folder / "pgbouncer.ini").write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, options: str = "") -> str:
        """The URL of a database behind it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}{options}"

    def __enter__(self) -> Self:
        # Like PostgreSQL it refuses to run as root.
        user = "postgres" if os.getuid() == 0 else None
        groups: list[str] | None = [] if user else None
        if user:
            shutil.chown(self._folder, user)
        self._process = subprocess.Popen(
            [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "--quiet", str(self._folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=user,
            group=user,
            extra_groups=groups,
        )
        wait_until_it_takes_connections(self.port, self._process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            # At once; a polite stop waits for clients.
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self._folder)
