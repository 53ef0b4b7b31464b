"""The delivery contract: every page of a room shows every committed change once, in one order, whatever happens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

from tests.contract.pages import shows, wrong_with
from tests.contract.restless_client import RestlessClient
from tests.support.app_server import AppServer
from tests.support.database_shell import messages, shell

VISITORS = 200
TALKERS = 10
SAID_BY_EACH = 20
EDITED = " (edited)"
CROWD = 20
"""Visitors that arrive at a time."""


async def test_nothing_is_lost_doubled_or_out_of_order_while_everybody_comes_and_goes_and_the_server_is_killed(
    serve: Callable[..., AppServer], room: str
) -> None:
    chance = random.Random(4)
    server = serve()
    storm = _Storm(server, room, chance)
    async with AsyncExitStack() as stack:
        visitors = [RestlessClient(server.url, room, random.Random(chance.random())) for _ in range(VISITORS)]
        for start in range(0, VISITORS, CROWD):
            await asyncio.gather(*(stack.enter_async_context(each) for each in visitors[start : start + CROWD]))
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for each in visitors:
                tasks.create_task(each.wander(over))
            tasks.create_task(storm.meddle(over))
            talkers = [tasks.create_task(storm.talk(each, f"talker-{n}")) for n, each in enumerate(visitors[:TALKERS])]
            await storm.said_half.wait()
            await asyncio.to_thread(server.kill9)
            await asyncio.to_thread(server.start)
            await asyncio.wait(talkers)
            await storm.deleted_some.wait()
            over.set()

        rows = messages(server.database, room)
        await storm.all_show(visitors)
        assert {each.page.cursor for each in visitors} == {visitors[0].page.cursor}
    kept = [row.text.removesuffix(EDITED) for row in rows]
    assert len(set(kept)) == len(kept), "something was said twice"
    # What is deleted before its sender saw it accepted is said again, so it may be in both.
    assert {*kept, *storm.deleted} == set(storm.accepted), "what was accepted is not what was kept"
    assert sum(each.gaps for each in visitors) > VISITORS


class _Storm:
    """What happens in the room, and what came of it."""

    def __init__(self, server: AppServer, room: str, chance: random.Random) -> None:
        self.server = server
        self.room = room
        self.chance = chance
        self.accepted: list[str] = []
        self.deleted: list[str] = []
        self.said_half = asyncio.Event()
        self.deleted_some = asyncio.Event()

    async def talk(self, visitor: RestlessClient, handle: str) -> None:
        """Say things until each was accepted."""
        for number in range(SAID_BY_EACH):
            text = f"{handle} says {number}"
            await visitor.insist(handle, text)
            self.accepted.append(text)
            if len(self.accepted) >= TALKERS * SAID_BY_EACH // 2:
                self.said_half.set()
            await asyncio.sleep(self.chance.uniform(0, 0.3))

    async def meddle(self, until: asyncio.Event) -> None:
        """Edit and delete messages from outside, as an administrator with a shell does."""
        some = "SELECT id FROM message WHERE message NOT LIKE '%(edited)' ORDER BY random() LIMIT 1"
        while not until.is_set():
            edit = f"UPDATE message SET message = message || '{EDITED}' WHERE id IN ({some})"
            delete = f"DELETE FROM message WHERE id IN ({some}) RETURNING message"
            rows = await asyncio.to_thread(shell, self.server.database, self.chance.choice([edit, edit, delete]))
            self.deleted += [text for (text,) in rows]
            if len(self.deleted) > 5:
                self.deleted_some.set()
            await asyncio.sleep(self.chance.uniform(0, 0.3))

    async def all_show(self, visitors: list[RestlessClient]) -> None:
        """Wait until every page shows the room as the database has it."""
        rows = messages(self.server.database, self.room)
        with suppress(AssertionError):
            await asyncio.gather(*(each.until(lambda page: shows(page, rows)) for each in visitors))
        wrong = {n: why for n, each in enumerate(visitors) if (why := wrong_with(each.page, rows))}
        for each in visitors:
            each.check()
        assert not wrong, f"{len(wrong)} pages are wrong, such as {next(iter(wrong.items()))}"
