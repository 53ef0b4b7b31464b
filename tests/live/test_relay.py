"""The relay rings, survives what carries it, and believes nothing that it hears."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

import pytest
from broadcaster import Broadcast, Event
from broadcaster._backends.memory import MemoryBackend

from tests.support.patience import eventually, until
from webapp.live.database.namespace import LIVE
from webapp.live.relay import relay as relay_module
from webapp.live.relay.relay import IN_MEMORY, NEWS_LIMIT, Relay


class Heard:
    """The groups that were heard, in the order in which they came; "any" for all of them at once."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self._changed = asyncio.Event()

    def __call__(self, groups: Iterable[str] | None) -> None:
        self.groups += ["any"] if groups is None else sorted(groups)
        self._changed.set()

    async def until(self, *groups: str) -> None:
        """Wait until these were heard, among others."""
        await until(lambda: set(groups) <= set(self.groups), self._changed, lambda: self.groups)


class Wire:
    """What several processes share; it fails when it is told to."""

    def __init__(self) -> None:
        self.backends: list[Faulty] = []
        self.sent: list[str] = []
        self.refuses = 0
        self.breaks = 0

    @property
    def rings(self) -> list[str]:
        """What was sent besides the heartbeats."""
        return [message for message in self.sent if '"groups"' in message]

    def carry(self, message: str, channel: str = LIVE) -> None:
        """Bring a message to everybody who is connected."""
        self.sent.append(message)
        for backend in self.backends:
            backend.bring(message, channel)


class Faulty(MemoryBackend):
    """One process's connection to the wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__("memory://")
        self._wire = wire

    def bring(self, message: str, channel: str) -> None:
        self._published.put_nowait(Event(channel=channel, message=message))

    async def connect(self) -> None:
        await super().connect()
        if self._wire.refuses:
            self._wire.refuses -= 1
            raise ConnectionRefusedError("nobody there")
        self._wire.backends.append(self)

    async def disconnect(self) -> None:
        if self in self._wire.backends:
            self._wire.backends.remove(self)
        await super().disconnect()

    async def publish(self, channel: str, message: Any) -> None:
        if self._wire.breaks:
            self._wire.breaks -= 1
            raise ConnectionResetError("the line is cut")
        self._wire.carry(message, channel)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setattr(relay_module, "RETRY", (0.02, 0.02))
    return Wire()


@asynccontextmanager
async def working(
    wire: Wire, count: int, noted: Callable[[Any], None] = lambda note: None, namespaces: Sequence[str] = (LIVE,)
) -> AsyncIterator[list[tuple[Relay, Heard]]]:
    heards = [Heard() for _ in range(count)]
    relays = [
        Relay("test://", heard, noted, lambda url: Broadcast(backend=Faulty(wire)), namespace)
        for heard, namespace in zip(heards, cycle(namespaces), strict=False)
    ]
    tasks = [asyncio.create_task(relay.work()) for relay in relays]
    try:
        await connected(wire, count)
        for heard in heards:
            await heard.until("any")
            heard.groups.clear()
        yield list(zip(relays, heards, strict=True))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def connected(wire: Wire, count: int) -> None:
    """Wait until so many are connected and listening."""
    await eventually(
        lambda: len(wire.backends) >= count and all(backend._subscribed for backend in wire.backends),
        lambda: wire.backends,
    )


async def test_a_ring_is_heard_here_at_once_and_elsewhere_soon(wire: Wire) -> None:
    async with working(wire, 2) as ((one, here), (_, there)):
        one.ring(["room:1"])
        assert here.groups == ["room:1"]
        await there.until("room:1")
        assert here.groups == ["room:1"], "its own ring came back"


async def test_rings_that_come_together_travel_together_in_small_messages(wire: Wire) -> None:
    groups = [f"room:{number}" for number in range(2 * NEWS_LIMIT // len('"room:1000", '))]
    async with working(wire, 2) as ((one, _), (_, there)):
        for group in groups * 3:
            one.ring([group])
        await there.until(*groups)
    assert len(wire.rings) == 2
    assert all(len(ring) < 7999 for ring in wire.rings)


async def test_a_ring_and_the_notes_that_come_with_it_travel_as_one_message(wire: Wire) -> None:
    noted: list[Any] = []
    async with working(wire, 2, noted.append) as ((one, _), (_, there)):
        one.ring(["room:1"])
        one.note({"said": "this"})
        one.note({"typing": "that"})
        await there.until("room:1")
    assert len(wire.rings) == 1
    assert noted == [{"said": "this"}, {"typing": "that"}]


async def test_a_relay_that_reaches_nobody_else_carries_heartbeats_only() -> None:
    sent: list[str] = []
    backend = MemoryBackend(IN_MEMORY)
    publish = backend.publish

    async def listened(channel: str, message: Any) -> None:
        sent.append(message)
        await publish(channel, message)

    backend.publish = listened  # type: ignore[method-assign]
    heard = Heard()
    relay = Relay(IN_MEMORY, heard, open_broadcast=lambda url: Broadcast(backend=backend))
    task = asyncio.create_task(relay.work())
    relay.ring(["room:1"])
    relay.note({"said": "this"})
    await heard.until("any", "room:1")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sent
    assert all(json.loads(message).get("beat") for message in sent)


async def test_a_relay_that_refuses_for_a_while_is_tried_again(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    wire.refuses = 3
    async with working(wire, 2) as ((one, here), (_, there)):
        one.ring(["room:1"])
        await there.until("room:1")
        assert here.groups == ["room:1"]
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert 2 <= len(told) <= 4, told


async def test_a_relay_whose_line_is_cut_rings_again(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    async with working(wire, 2) as ((one, here), (_, there)):
        wire.breaks = 1
        one.ring(["room:1"])
        assert here.groups == ["room:1"]
        await eventually(lambda: "the relay is back" in caplog.text, lambda: caplog.text)
        await connected(wire, 2)
        one.ring(["room:2"])
        await there.until("room:2")
    assert caplog.text.count("the relay is down") == 1


@pytest.mark.parametrize(
    "garbage",
    [
        *("", "garbage", "[]", "57", "null", '"groups"', "{}", '{"groups": 5}', '{"from": "x"}', "\x00", "{" * 10),
        *('{"groups": null}', "[" * 100_000, '{"groups": [[[]]]}', '{"groups": {"a": 1}, "from": []}'),
    ],
)
async def test_garbage_on_the_relay_is_ignored(wire: Wire, garbage: str, caplog: pytest.LogCaptureFixture) -> None:
    async with working(wire, 2) as ((one, _), (_, there)):
        wire.carry(garbage)
        one.ring(["room:1"])
        await there.until("room:1")
    assert "the relay is down" not in caplog.text


async def test_garbage_on_the_relay_leaves_a_line_in_the_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    async with working(wire, 2) as ((one, _), (_, there)):
        wire.carry("garbage" * 1000)
        one.ring(["room:1"])
        await there.until("room:1")
    (line, *_) = [record.getMessage() for record in caplog.records]
    assert "not ours" in line
    assert len(line) < 200


async def test_a_ring_is_small_json(wire: Wire) -> None:
    async with working(wire, 1) as ((one, _),):
        one.ring({"room:1", "room:2"})
        await eventually(lambda: wire.rings)
    assert json.loads(wire.rings[0])["groups"] == ["room:1", "room:2"]


async def test_apps_with_different_namespaces_hear_only_their_own(wire: Wire) -> None:
    noted: list[Any] = []
    async with working(wire, 4, noted.append, [LIVE, "live_app"]) as relays:
        (one, _), (other, _), (_, of_one), (_, of_other) = relays
        one.ring(["room:1"])
        other.ring(["room:2"])
        other.note({"said": "this"})
        await of_one.until("room:1")
        await of_other.until("room:2")
        assert of_one.groups == ["room:1"]
        assert of_other.groups == ["room:2"]
    assert noted == [{"said": "this"}]


def test_a_relay_refuses_a_namespace_that_is_no_name() -> None:
    with pytest.raises(ValueError, match="write a name of a-z"):
        Relay("test://", Heard(), namespace="Todo")
