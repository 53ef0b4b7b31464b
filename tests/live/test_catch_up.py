"""Clients that come late, however many and from wherever: they get what they missed, and nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.engine import Engine, RoomReader, running
from webapp.live.fanout.catch_up import FRAMES, shared_cursors
from webapp.live.fanout.late_clients import RECENT

LIMIT = 500


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with running(tmp_path / "engine.sqlite3") as found:
        yield found


class Held:
    """Catch-up frames are made, and not sent, until `go` is set. made: how many were."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = asyncio.Event()
        self.made = 0
        self.changed = asyncio.Event()
        frames = engine.hub.frames
        make, whole = frames.changed, frames.reset

        async def changed(group: str, changes: Any, after: int, newest: dict[str, int], *languages: Any) -> Any:
            frame = await make(group, changes, after, newest)
            # Only catching up has nothing to remember of what was shown so far.
            if newest is not shown:
                await self._wait()
            return frame

        async def reset(group: str, after: int, seq: int, *languages: Any) -> Any:
            frame = await whole(group, after, seq)
            await self._wait()
            return frame

        feed = engine.hub.feed(engine.room.group)
        assert feed is not None
        shown = feed._newest
        monkeypatch.setattr(frames, "changed", changed)
        monkeypatch.setattr(frames, "reset", reset)

    async def _wait(self) -> None:
        self.made += 1
        self.changed.set()
        await self.go.wait()

    async def until_made(self) -> None:
        """Wait until a catch-up is under way."""
        async with asyncio.timeout(10):
            await self.changed.wait()


async def up_to_date(engine: Engine) -> RoomReader:
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    return reader


async def test_live_changes_do_not_wait_for_those_who_catch_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await up_to_date(engine)
    late = [await engine.reader() for _ in range(3)]
    await engine.say("missed")
    await live.until_says("missed")
    held = Held(engine, monkeypatch)
    for number, reader in enumerate(late):
        reader.resume(number)  # cursors of no log: each needs the whole list
    await held.until_made()
    for number in range(5):
        await engine.say(str(number))
        await live.until(lambda live, n=number: str(n) in live.page.texts())  # type: ignore[misc]
    held.go.set()
    for reader in late:
        await reader.until_says("missed", "0", "1", "2", "3", "4")
        await reader.until(lambda reader: reader.page.cursor == live.page.cursor)


async def test_a_client_that_is_caught_up_for_long_has_all_that_was_sent_meanwhile_in_order(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, late = await up_to_date(engine), await engine.reader()
    await engine.say("missed")
    await live.until_says("missed")
    held = Held(engine, monkeypatch)
    late.resume()
    await held.until_made()
    before = list(late.frames)
    texts = [f"later {number}" for number in range(RECENT + 10)]
    for text in texts:
        await engine.say(text)
        await live.until(lambda live, text=text: text in live.page.texts())  # type: ignore[misc]
    # A frame would advance its cursor past what it still lacks.
    assert late.frames == before
    held.go.set()
    await late.until_says("missed", *texts)
    await late.until(lambda late: late.page.cursor == live.page.cursor)


async def test_one_snapshot_serves_everybody_whose_cursor_cannot_be_used(engine: Engine) -> None:
    live = await up_to_date(engine)
    for number in range(10):
        await engine.say(str(number))
    await live.until_says(*map(str, range(10)))
    late = [await engine.reader() for _ in range(20)]
    engine.rendered.clear()
    for number, reader in enumerate(late):
        reader.resume(number)
        await reader.until(lambda reader: bool(reader.frames))
    assert engine.rendered["chat/_reset.html"] == 1
    assert len({tuple(reader.frames) for reader in late}) == 1


async def test_a_snapshot_is_made_anew_once_something_has_changed(engine: Engine) -> None:
    live = await up_to_date(engine)
    for text in ("one", "two"):
        await engine.say(text)
        await live.until(lambda live, text=text: live.page.texts()[-1:] == [text])  # type: ignore[misc]
        late = await engine.reader()
        late.resume(1)
        await late.until(lambda late: bool(late.frames))
        assert late.frames[0].count("data-key") == len(live.page.texts())


async def test_many_different_cursors_cost_few_frames(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await up_to_date(engine)
    texts = [str(number) for number in range(40)]
    for text in texts:
        await engine.say(text)
    await live.until_says(*texts)
    start = int(live.page.cursor) - len(texts)
    late = [await engine.reader() for _ in range(30)]
    held = Held(engine, monkeypatch)
    held.go.set()
    for number, reader in enumerate(late):
        reader.resume(start + 1 + number)
    for reader in late:
        await reader.until(lambda reader: bool(reader.frames))
        await reader.until_says(*texts)
    assert held.made <= 10


@given(cursors=st.lists(st.none() | st.integers(-5, 1200) | st.just(10**30), max_size=60), head=st.integers(0, 1000))
def test_every_cursor_is_caught_up_from_itself_or_below(cursors: list[int | None], head: int) -> None:
    shared = shared_cursors(cursors, head, LIMIT)
    assert set(shared) == set(cursors)
    for cursor, start in shared.items():
        if cursor == head:
            assert start == head
        elif cursor is None or not 0 < cursor < head or head - cursor > LIMIT:
            assert start is None
        else:
            assert start is not None
            assert 0 < start <= cursor
            assert head - start <= LIMIT
    assert len({start for start in shared.values() if start not in (None, head)}) <= FRAMES
