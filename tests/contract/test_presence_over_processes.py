"""Who is here, told from process to process, and forgotten when a process is no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.contract.deployment import Deployment
from tests.support.live_client import LiveClient
from tests.support.patience import within
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

FORGOTTEN = 30.0
"""Seconds until the people of a process that was killed are no longer shown, where nothing else is to be done."""


@pytest.fixture
async def deployment(
    postgres: PostgresServer, redis: RedisServer, migrated: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    name = postgres.create_database(migrated)
    made = Deployment(tmp_path, {"DATABASE_URL": postgres.url(name), "BROADCAST_URL": redis.url}, postgres, name)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
    for server in made.servers:
        server.check()


def tables(postgres: PostgresServer, database: str) -> dict[str, list[list[str]]]:
    """Everything that the database holds, but how far readers had read when they left."""
    all_tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'room_reader' ORDER BY 1"
    names = postgres.query(database, all_tables)
    return {name: postgres.query(database, f"SELECT t::text FROM {name} t ORDER BY 1") for (name,) in names}


async def shows(reader: LiveClient, *names: str, timeout: float | None = None) -> None:
    """Wait until the page shows just these people."""

    def so(_: object) -> bool:
        shown = reader.page.text_of("people")
        return reader.page.text_of("people-count").split()[:1] == [str(len(names))] and all(n in shown for n in names)

    await reader.until(so, timeout)


async def test_people_of_both_processes_are_shown_once_and_those_of_a_killed_one_are_forgotten(
    deployment: Deployment, postgres: PostgresServer, room: str
) -> None:
    one, two = deployment.servers
    async with LiveClient(one.url, room) as ann, LiveClient(two.url, room) as bob:
        await ann.http.post("/me/", data={"handle": "Ann Here"}, headers={"Origin": one.url})
        await bob.http.post("/me/", data={"handle": "Bob There"}, headers={"Origin": two.url})
        for each in (ann, bob):
            await each.drop()
        before = tables(postgres, deployment.database)
        for each in (ann, bob):
            await each.reconnect()
        for each in (ann, bob):
            await shows(each, "Ann Here", "Bob There")
        # The same visitor in a second tab, which another process serves.
        async with (
            httpx.AsyncClient(base_url=two.url, cookies=ann.http.cookies) as http,
            LiveClient(two.url, room, http=http) as tab,
        ):
            await shows(tab, "Ann Here", "Bob There")
            await bob.send({"action": "typing", "handle": "Bob There"})
            await ann.until(lambda page: "Bob There" in page.text_of("typing"))
            for each in (ann, bob, tab):
                await shows(each, "Ann Here", "Bob There")
        assert tables(postgres, deployment.database) == before
        await asyncio.to_thread(two.kill9)
        began = time.monotonic()
        await shows(ann, "Ann Here", timeout=within(FORGOTTEN))
        print(f"forgotten after {time.monotonic() - began:.1f} s")
