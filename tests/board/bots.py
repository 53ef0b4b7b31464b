"""The board's engine in this process, and bots whose sockets' server side the test holds."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.support.databases import ROOMS, Database
from tests.support.json_client import Copy, Rows
from tests.support.reader import Reader
from webapp.board.bindings import IntegerValueBinding
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.fanout.wording import Wording
from webapp.room_values.bindings import RoomValueBinding

BOARD = "intval-updates"
GROUPS = (BOARD, *(f"room:{number}" for number in ROOMS))
STREAMS = {BOARD: "intval", **{f"room:{number}": "roomval" for number in ROOMS}}

Frames = list[dict[str, Any]]


class Bot(Reader[dict[str, Any]]):
    """Somebody's copy of a group."""

    def __init__(self, hub: Hub, group: str) -> None:
        super().__init__()
        self.copy = Copy()
        self.subscriber = Subscriber(key="bot", send=self.connect().send, as_json=True)
        self.feed = hub.subscribe(group, self.subscriber)

    async def resume(self, seq: int) -> Frames:
        """What it is told when it comes back with `seq`."""
        seen = len(self.frames)
        await self.feed.opened.wait()
        self.feed.catch_up(self.subscriber, seq)
        await self.until(lambda _: any("resumed" in frame for frame in self.frames[seen:]))
        return self.frames[seen:]

    def _read(self, text: str) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(text)
        self.copy.apply(frame)
        return frame

    def _state(self) -> object:
        return self.copy.rows, self.frames[-5:]


class Board:
    """The values of a database, and whoever follows them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        bindings = {one.stream: one for one in (IntegerValueBinding(), RoomValueBinding())}
        self.hub = Hub(database.log, FrameRenderer(bindings, Wording.of_one(lambda name, context: "")))

    async def run(self, *statements: str) -> None:
        """One transaction of another program's."""
        for statement in ("BEGIN", *statements, "COMMIT"):
            await self.database.one.run(statement)

    async def settle(self) -> None:
        """Ring, and wait until everybody has been told."""
        self.hub.ring(None)
        for group in list(self.hub.groups):
            feed = self.hub.feed(group)
            while feed is not None and (tasks := [task for task in (feed._task, feed._catching_up) if task]):
                await asyncio.wait(tasks)

    async def rows(self, group: str) -> Rows:
        """What a copy of the group has to hold."""
        where = "room_id IS NULL" if group == BOARD else f"room_id = {group.removeprefix('room:')}"
        found = await self.database.one.run(f"SELECT id, name, value FROM integervalue WHERE {where}")
        return {STREAMS[group]: {pk: {"name": name, "value": value} for pk, name, value in found}}

    async def bot(self, group: str, seq: int | None = 0) -> Bot:
        """A bot that follows `group`; with None it does not resume."""
        bot = Bot(self.hub, group)
        await bot.feed.opened.wait()
        if seq is not None:
            await bot.resume(seq)
        return bot
