"""The board at two processes: many press, edit, create and delete while many come and go; all end with the database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.contract.deployment import Deployment
from tests.contract.restless_client import RestlessClient
from tests.support.board_values import BOARD, board_values
from tests.support.patience import PATIENCE
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

READERS = 40
WRITERS = 8
DEEDS = 40
"""What each writer does."""

STREAM = {"stream": "intval"}


@pytest.fixture
async def deployment(
    postgres: PostgresServer, migrated: str, redis: RedisServer, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """Two processes on PostgreSQL and Redis."""
    name = postgres.create_database(migrated)
    made = Deployment(tmp_path, {"DATABASE_URL": postgres.url(name), "BROADCAST_URL": redis.url}, postgres, name)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
    for server in made.servers:
        server.check()


class Writer:
    """Somebody who does things to values, and never waits for an answer; pressed: what it added, by key."""

    def __init__(self, page: RestlessClient, name: str) -> None:
        self.page = page
        self.name = name
        self.pressed: dict[str, int] = {}

    async def work(self, kept: list[str]) -> None:
        """Press the `kept` ones, and create, edit and delete others."""
        for number in range(DEEDS):
            await self._press(self.page.chance.choice(kept))
            if number % 4 == 0:
                await self._send("create", name=f"{self.name}-{number}", value=str(number))
            await self._disturb(kept)
            await asyncio.sleep(self.page.chance.uniform(0, 0.1))

    async def _press(self, pk: str) -> None:
        by = self.page.chance.choice([1, -1, 5])
        self.pressed[pk] = self.pressed.get(pk, 0) + by
        await self._send("increment", pk=pk, by=str(by))

    async def _disturb(self, kept: list[str]) -> None:
        items = self.page.page.document.by_id("values")
        assert items is not None
        others = sorted({item.get("data-key", "") for item in items} - {*kept, ""})
        if not others:
            return
        pk = self.page.chance.choice(others)
        match self.page.chance.randrange(3):
            case 0:
                await self._send("delete", pk=pk)
            case 1:
                await self._send("update", pk=pk, value=str(self.page.chance.randrange(100)))
            case 2:
                await self._send("update", pk=pk, name=f"{self.name}-{self.page.chance.randrange(DEEDS)}")

    async def _send(self, action: str, **fields: str) -> None:
        await self.page.send({**STREAM, "action": action, **fields})


async def test_every_page_ends_equal_to_the_database_and_no_press_is_lost(
    deployment: Deployment, postgres: PostgresServer
) -> None:
    chance = random.Random(11)
    database = deployment.database
    insert = "INSERT INTO integervalue (name) VALUES ('one'), ('two'), ('three') RETURNING id"
    kept = [pk for (pk,) in await asyncio.to_thread(postgres.query, database, insert)]
    over = asyncio.Event()
    async with AsyncExitStack() as stack:
        pages = [
            await stack.enter_async_context(
                RestlessClient(deployment.servers[number % 2].url, BOARD, random.Random(chance.random()))
            )
            for number in range(READERS)
        ]
        # Those who write keep their sockets: what is on its way over one that is lost may be lost with it.
        writers = [Writer(page, f"writer-{number}") for number, page in enumerate(pages[:WRITERS])]
        wandering = [asyncio.create_task(page.wander(over)) for page in pages[WRITERS:]]
        async with asyncio.timeout(2 * PATIENCE):
            await asyncio.gather(*(writer.work(kept) for writer in writers))
            # What was sent last over each socket is done when its own creation is seen.
            for writer in writers:
                name = f"last of {writer.name}"
                await writer.page.send({**STREAM, "action": "create", "name": name})
                await writer.page.until(lambda page, name=name: name in board_values(page))  # type: ignore[misc]
            over.set()
            await asyncio.gather(*wandering)
        expected: dict[str, int] = {}
        for pk, name, value in await asyncio.to_thread(
            postgres.query, database, "SELECT id, name, value FROM integervalue ORDER BY id"
        ):
            expected[name] = int(value)
            if pk in kept:
                assert int(value) == sum(writer.pressed.get(pk, 0) for writer in writers)
        assert len(expected) > WRITERS + len(kept)
        for page in pages:
            await page.until(lambda page: list(board_values(page).items()) == list(expected.items()))
        assert sum(page.gaps for page in pages) > READERS
