"""Rings that come late, twice, in another order or not at all, and clocks that jump."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import limits
import pytest
from broadcaster import Broadcast
from broadcaster._backends.base import BroadcastBackend
from broadcaster._base import Event

from tests.support.engine import Engine, RoomReader
from tests.support.patience import PATIENCE
from webapp.chat.models import Message
from webapp.live.database.namespace import LIVE
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.poll import poll
from webapp.live.fanout.wording import Wording
from webapp.live.presence.presence import Presence
from webapp.live.relay.relay import Relay
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer
from webapp.web.rate_limit import RateLimit

HOUR = 3600.0


class Wire:
    """What the processes share. It draws when each copy of a message arrives; of some it loses every copy.

    late: seconds, at most. lost: the share that never arrives. complete: both ends are there.
    A process always hears itself, or it would reconnect.
    """

    def __init__(self, seed: int, late: float, lost: float) -> None:
        self._chance = random.Random(seed)
        self._late = late
        self._lost = lost
        self.ends: list[Disorderly] = []
        self.complete = asyncio.Event()

    def carry(self, sender: Disorderly, message: str) -> None:
        """Bring it to everybody, at some time or another."""
        loop = asyncio.get_running_loop()
        for end in self.ends:
            if end is not sender and self._chance.random() < self._lost:
                continue
            for _ in range(self._chance.choice([1, 1, 2, 3])):
                loop.call_later(self._chance.uniform(0, self._late), end.heard.put_nowait, Event(LIVE, message))


class Disorderly(BroadcastBackend):
    """One process's end of the wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.heard: asyncio.Queue[Event] = asyncio.Queue()

    async def connect(self) -> None:
        self._wire.ends.append(self)
        if len(self._wire.ends) == 2:
            self._wire.complete.set()

    async def disconnect(self) -> None:
        self._wire.ends.remove(self)

    async def subscribe(self, channel: str) -> None:
        pass

    async def unsubscribe(self, channel: str) -> None:
        pass

    async def publish(self, channel: str, message: Any) -> None:
        self._wire.carry(self, message)

    async def next_published(self) -> Event:
        return await self.heard.get()


class Process:
    """A hub, a writer and a relay, and a reader, as one process has them."""

    def __init__(self, engine: Engine, wire: Wire) -> None:
        self._engine = engine
        self.hub = Hub(engine.log, FrameRenderer({"chat": engine.chat}, Wording.of_one(engine.render)))
        self.relay = Relay("test://", self.hub.ring, open_broadcast=lambda url: Broadcast(backend=Disorderly(wire)))
        self.writer = Writer(self.relay.ring)

    async def reader(self) -> RoomReader:
        """Somebody who has the page open here."""
        reader = RoomReader(await self._engine.page(), 20)
        await self.hub.subscribe(self._engine.room.group, reader.subscriber).opened.wait()
        reader.resume()
        return reader

    async def say(self, text: str) -> None:
        """Commit a message."""
        room = self._engine.room
        await self.writer.create(Message(room_id=room.id, handle="ann", message=text), room.group)

    async def edit(self, text: str, new: str) -> None:
        """Change a message."""
        await self.writer.run(partial(_edit, text, new), [self._engine.room.group])

    async def delete(self, text: str) -> None:
        """Delete a message."""
        await self.writer.run(partial(_delete, text), [self._engine.room.group])


async def _edit(text: str, new: str) -> None:
    await Message.filter(message=text).update(message=new)


async def _delete(text: str) -> None:
    await Message.filter(message=text).delete()


@asynccontextmanager
async def processes(engine: Engine, wire: Wire, interval: float | None = None) -> AsyncIterator[list[Process]]:
    """Two processes that hear each other over `wire`; with `interval` they poll as well."""
    both = [Process(engine, wire), Process(engine, wire)]
    work = [process.relay.work() for process in both]
    work += [poll(process.hub, interval) for process in both if interval is not None]
    tasks = [asyncio.create_task(each) for each in work]
    try:
        async with both[0].writer.working(), both[1].writer.working():
            async with asyncio.timeout(PATIENCE):
                await wire.complete.wait()
            yield both
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for process in both:
            await process.hub.close()


async def talk(process: Process, name: str, chance: random.Random) -> None:
    """Say, edit and delete."""
    for number in range(30):
        text = f"{name} {number}"
        await process.say(text)
        if chance.random() < 0.2:
            await process.edit(text, f"{text}, edited")
        elif chance.random() < 0.2:
            await process.delete(text)
        await asyncio.sleep(chance.uniform(0, 0.02))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("late", "lost", "interval"), [(0.3, 0.0, None), (0.05, 0.5, 0.1), (0.0, 1.0, 0.1)], ids=["late", "lossy", "cut"]
)
async def test_whatever_becomes_of_the_rings_every_page_shows_the_room(
    engine: Engine, seed: int, late: float, lost: float, interval: float | None
) -> None:
    chance = random.Random(seed)
    async with processes(engine, Wire(seed, late, lost), interval) as both:
        readers = [await process.reader() for process in both for _ in range(2)]
        await asyncio.gather(*(talk(process, f"process-{n}", chance) for n, process in enumerate(both)))
        said = await Message.filter(room_id=engine.room.id).order_by("id").values_list("message", flat=True)
        head = str(await engine.log.head(engine.room.group))
        for reader in readers:
            await reader.until_says(*map(str, said))
            await reader.until(lambda each: each.page.cursor == head)


async def test_a_ring_that_is_heard_twice_sends_nothing_twice(engine: Engine) -> None:
    wire = Wire(0, 0.0, 0.0)
    async with processes(engine, wire) as both:
        reader = await both[1].reader()
        await both[0].say("once")
        await reader.until_says("once")
        frames = len(reader.frames)
        for _ in range(50):
            both[0].relay.ring([engine.room.group])
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.1)
        assert len(reader.frames) == frames


class Clock:
    """The wall clock, which a test sets; the monotonic one goes on as it does in reality."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = 0.0
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.off)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_a_clock_that_jumps_does_not_disturb_the_relay(
    engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture, jump: float
) -> None:
    async with processes(engine, Wire(0, 0.01, 0.0)) as both:
        reader = await both[1].reader()
        await both[0].say("before")
        await reader.until_says("before")
        clock.off = jump
        await asyncio.sleep(1.2)  # a heartbeat comes every second
        await both[0].say("after")
        await reader.until_says("before", "after")
        assert reader.page.cursor == str(await engine.log.head(engine.room.group))
    assert "the relay is down" not in caplog.text


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_clock_that_jumps_silences_nobody_for_longer_than_the_limit_says(clock: Clock, jump: float) -> None:
    limit = RateLimit("messages", limits.parse("3/5 seconds"))
    assert [limit.hit("ann") for _ in range(3)] == [0, 0, 0]
    assert 0 < limit.hit("ann") <= 6
    clock.off = jump
    assert limit.hit("ann") <= 6
    clock.off = jump + 11
    assert limit.hit("ann") == 0


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_a_clock_that_jumps_sends_nobody_away(engine: Engine, clock: Clock, jump: float) -> None:
    notes: list[Any] = []
    presence = Presence(engine.hub, Wording.of_one(engine.render), notes.append)
    work = asyncio.create_task(presence.work())
    try:
        reader = await engine.reader()
        reader.resume()
        presence.enter(engine.room.group, Visitor("a", "Ann"))
        await reader.until(lambda each: any("Ann" in frame for frame in each.frames))
        clock.off = jump
        presence.enter(engine.room.group, Visitor("b", "Bob"))
        await reader.until(lambda each: any("Ann" in frame and "Bob" in frame for frame in each.frames))
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
