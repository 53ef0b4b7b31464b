"""A pgbouncer of the tests' own in front of their PostgreSQL."""

from __future__ import annotations

from typing import Literal

from tests.support.postgres_server import PostgresServer
from tests.support.proxy_server import ProxyServer

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


class PgbouncerServer(ProxyServer):
    """Use it as a context manager. It pools connections as Debian's does, with nothing set that would help an app.

    mode: `transaction` gives each transaction whichever server connection is free. size: server connections.
    """

    program = "pgbouncer"
    # Like PostgreSQL it refuses to run as root.
    user = "postgres"

    def __init__(
        self, postgres: PostgresServer, mode: Literal["session", "transaction"] = "transaction", size: int = 4
    ) -> None:
        super().__init__()
        text = _CONFIGURATION.format(postgres=postgres.port, port=self.port, mode=mode, size=size)
        (self._folder / "pgbouncer.ini").write_text(text)

    def url(self, database: str, options: str = "") -> str:
        """The URL of a database behind it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}{options}"

    def _options(self) -> list[str]:
        return ["--quiet", str(self._folder / "pgbouncer.ini")]
