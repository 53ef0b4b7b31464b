"""The rules that a process keeps are never older than the last change that it was told of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.chat.access import KeptRules, RoomPolicy, Rules, loading

ROOM = 7


class Database:
    """One room's policy. Each reading takes a moment, in which the policy may change."""

    def __init__(self) -> None:
        self.epoch = 0
        self.readings = 0

    async def rules_of(self, room_id: int) -> Rules:
        self.readings += 1
        epoch = self.epoch
        await asyncio.sleep(0)
        return Rules(room_id, RoomPolicy(room_id=room_id, epoch=epoch))


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    database = Database()
    with monkeypatch.context() as patch:
        patch.setattr(loading, "rules_of", database.rules_of)
        yield database


async def test_a_room_that_is_followed_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with reading(monkeypatch) as database:
        kept = KeptRules()
        await kept.of(ROOM)
        await kept.of(ROOM)
        assert database.readings == 2  # nobody tells of its changes
        kept.follow(ROOM)
        await asyncio.gather(*(kept.of(ROOM) for _ in range(100)))
        assert database.readings == 3
        kept.unfollow(ROOM)
        await kept.of(ROOM)
        assert database.readings == 4


async def test_those_who_ask_at_once_go_on_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[int] = []

    async def ask(kept: KeptRules, number: int) -> None:
        await kept.of(ROOM)
        order.append(number)

    with reading(monkeypatch):
        kept = KeptRules()
        kept.follow(ROOM)
        await asyncio.gather(*(ask(kept, number) for number in range(50)))
    assert order == sorted(order)


@given(st.lists(st.sampled_from(["change", "ask", "turn", "follow", "unfollow"]), max_size=30))
def test_whoever_asks_after_a_change_was_told_sees_it(steps: list[str]) -> None:
    async def play() -> None:
        with pytest.MonkeyPatch.context() as monkeypatch, reading(monkeypatch) as database:
            kept, asked = KeptRules(), []

            async def ask(told: int) -> None:
                assert (await kept.of(ROOM)).policy.epoch >= told

            for step in steps:
                if step == "change":
                    database.epoch += 1
                    kept.forget(ROOM)
                elif step == "ask":
                    asked.append(asyncio.create_task(ask(database.epoch)))
                elif step == "turn":
                    await asyncio.sleep(0)
                else:
                    getattr(kept, step)(ROOM)
            await asyncio.gather(*asked)

    asyncio.run(play())
