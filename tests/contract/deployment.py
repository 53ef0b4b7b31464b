"""The app as two processes that share a database, and what carries their rings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.app_server import AppServer
from tests.support.database_shell import Row, messages_sql, rows_of, shell
from tests.support.postgres_server import PostgresServer

DOWN = "the relay is down"
"""What a process says in its log once, when it has lost what carries its rings."""


class Deployment:
    """Two servers; use it as an async context manager. directory: for their logs, and a database that is a file.

    postgres: the server that `database` is on; None: they share an SQLite file.
    """

    def __init__(
        self, directory: Path, env: Mapping[str, str], postgres: PostgresServer | None = None, database: str = ""
    ) -> None:
        file = directory / "webapp.sqlite3"
        self.servers = [AppServer(directory / name, env, database=file) for name in ("one", "two")]
        self._file = file
        self._postgres = postgres
        self.database = database

    async def start(self) -> None:
        """Start both at once."""
        await self.each(AppServer.start)

    async def each(self, do: Callable[[AppServer], None]) -> None:
        """Do it to both at once."""
        await asyncio.gather(*(asyncio.to_thread(do, server) for server in self.servers))

    async def stop(self) -> None:
        """Stop those that run."""
        running = [server for server in self.servers if server._process is not None]
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in running))

    async def rows(self, label: str) -> list[Row]:
        """All messages of a room, by id."""
        return rows_of(await asyncio.to_thread(self._query, messages_sql(label)))

    async def head(self, label: str) -> int:
        """The sequence number of the room's newest change; 0 where nothing was said."""
        sql = f"SELECT head FROM live_group g JOIN room ON g.name = 'room:' || room.id WHERE label = '{label}'"
        found = await asyncio.to_thread(self._query, sql)
        return int(found[0][0]) if found else 0

    def outages(self) -> list[int]:
        """How often each process has said that the relay is down."""
        return [server.log().count(DOWN) for server in self.servers]

    def warnings(self) -> list[str]:
        """The lines of both logs that are warnings or worse."""
        lines = [line for server in self.servers for line in server.log().splitlines()]
        return [line[:300] for line in lines if " WARNING " in line or " ERROR " in line]

    def _query(self, sql: str) -> list[list[str]]:
        return shell(self._file, sql) if self._postgres is None else self._postgres.query(self.database, sql)
