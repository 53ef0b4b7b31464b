"""The hub reads what came, renders it once, and sends everybody the same; whatever fails is made good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import OperationalError

from tests.support.engine import Engine, running
from tests.support.patience import eventually
from webapp.chat.models import PAGE
from webapp.live.changelog.log import Change, ChangeLog
from webapp.live.fanout import feed as feed_module
from webapp.live.fanout.subscriber import TRY_AGAIN_LATER, Subscriber

AFRESH = 'hx-target="#log"'


async def outside(engine: Engine, sql: str) -> None:
    """Write past the app, then have the hub look as the poll does."""
    await engine.log._connection.execute_query(sql)
    engine.hub.ring([engine.room.group])


async def test_everybody_gets_the_same_frame_and_each_row_is_rendered_once(engine: Engine) -> None:
    readers = [await engine.reader() for _ in range(30)]
    for reader in readers:
        reader.resume()
        await reader.until(lambda reader: bool(reader.frames))
    engine.rendered.clear()
    for number in range(10):
        await engine.say(str(number))
    for reader in readers:
        await reader.until_says(*(str(number) for number in range(10)))
    assert engine.rendered["chat/_message.html"] == 10
    assert len({tuple(reader.frames[1:]) for reader in readers}) == 1


async def test_what_is_said_at_once_goes_out_in_few_frames(engine: Engine) -> None:
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    await asyncio.gather(*(engine.say(str(number)) for number in range(400)))
    await reader.until_says(*(str(number) for number in range(400)))
    assert len(reader.frames) < 50


async def test_changes_of_one_row_that_come_together_are_one_fragment(engine: Engine) -> None:
    reader = await engine.reader()
    reader.resume()
    await engine.say("one")
    await reader.until_says("one")
    engine.rendered.clear()
    reader.frames.clear()
    for number in range(20):
        await engine.log._connection.execute_query(f"UPDATE message SET message = '{number}'")
    engine.hub.ring([engine.room.group])
    await reader.until_says("19")
    assert engine.rendered["chat/_message_update.html"] == 1
    assert len(reader.frames) == 1


async def test_a_row_that_came_and_went_between_two_looks_leaves_no_fault(engine: Engine) -> None:
    reader = await engine.reader()
    reader.resume()
    await engine.log._connection.execute_query(
        f"INSERT INTO message (room_id, handle, message) VALUES ({engine.room.id}, 'ann', 'gone')"
    )
    await outside(engine, "DELETE FROM message")
    await engine.say("here")
    await reader.until_says("here")


async def test_a_row_that_enters_below_what_pages_show_has_the_list_shown_afresh(engine: Engine) -> None:
    insert = f"INSERT INTO message (id, room_id, handle, message) VALUES ({{}}, {engine.room.id}, 'ann', '{{}}')"
    for number in range(PAGE + 10):
        await outside(engine, insert.format(100 + number, number))
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    await outside(engine, insert.format(5, "from long ago"))
    await reader.until(lambda reader: AFRESH in reader.frames[-1])
    assert reader.page.texts() == [str(number) for number in range(10, PAGE + 10)]


async def test_a_row_that_enters_among_what_pages_show_takes_its_place(engine: Engine) -> None:
    insert = f"INSERT INTO message (id, room_id, handle, message) VALUES ({{0}}, {engine.room.id}, 'ann', '{{0}}')"
    for number in (1, 3, 5):
        await outside(engine, insert.format(number))
    reader = await engine.reader()
    reader.resume()
    await outside(engine, insert.format(4))
    await reader.until_says("1", "3", "4", "5")
    assert not any(AFRESH in frame for frame in reader.frames)


async def test_rows_that_take_their_places_together_do_not_push_each_other_out_of_the_list(engine: Engine) -> None:
    insert = f"INSERT INTO message (id, room_id, handle, message) VALUES ({{0}}, {engine.room.id}, 'ann', '{{0}}')"
    await outside(engine, insert.format(1000))
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    together = [str(number) for number in range(100, 101 + PAGE)]
    for number in together[:-1]:
        await engine.log._connection.execute_query(insert.format(number))
    await outside(engine, insert.format(together[-1]))
    await reader.until_says(*together, "1000")
    assert not any(AFRESH in frame for frame in reader.frames)


async def test_what_comes_while_a_frame_is_made_sends_no_row_that_takes_its_place_out_of_the_list(
    engine: Engine,
) -> None:
    insert = f"INSERT INTO message (id, room_id, handle, message) VALUES ({{0}}, {engine.room.id}, 'ann', '{{0}}')"
    later = [str(number) for number in range(100, 100 + 2 * PAGE)]
    load = engine.hub.frames._loaders["chat"]
    answer = load._answer

    async def answer_late(asked: Sequence[Any]) -> Sequence[Any]:
        answers = await answer(asked)
        load._answer = answer
        for number in later:
            await engine.log._connection.execute_query(insert.format(number))
        engine.hub.ring([engine.room.group])
        return answers

    await outside(engine, insert.format(1))
    await outside(engine, insert.format(5))
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    load._answer = answer_late
    await outside(engine, insert.format(3))
    await reader.until_says("1", "3", "5", *later)
    assert not any(AFRESH in frame for frame in reader.frames)


async def test_a_template_that_fails_once_costs_a_second_and_no_message(
    engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "RETRY", 0.05)
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    engine.faults.append(RuntimeError("a broken template"))
    await engine.say("one")
    await reader.until_says("one")
    await engine.say("two")
    await reader.until_says("one", "two")
    assert "could not be brought up to date" in caplog.text
    assert reader.page.cursor == str(await engine.log.head(engine.room.group))


async def test_a_resume_that_fails_once_is_made_good(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "RETRY", 0.05)
    reader = await engine.reader()
    await engine.say("one")
    await reader.until_says("one")
    engine.faults.append(RuntimeError("a broken template"))
    reader.resume()
    await reader.until(lambda reader: reader.page.cursor != "0")
    assert reader.page.texts() == ["one"]


class Flaky(ChangeLog):
    """A log whose database is away when `away` is set. tries: how often it was asked meanwhile."""

    away = False
    tries = 0

    async def after(self, group: str, seq: int, limit: int) -> list[Change]:
        if self.away:
            self.tries += 1
            raise OperationalError("the database is away")
        return await super().after(group, seq, limit)


async def test_a_database_that_is_away_for_a_while_costs_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(feed_module, "RETRY", 0.02)
    async with running(tmp_path / "engine.sqlite3", lambda log: Flaky(log._connection)) as engine:
        reader = await engine.reader()
        reader.resume()
        await reader.until(lambda reader: bool(reader.frames))
        assert isinstance(engine.log, Flaky)
        engine.log.away = True
        await engine.say("one")
        log = engine.log
        await eventually(lambda: log.tries >= 3)
        engine.log.away = False
        await reader.until_says("one")
    assert caplog.text.count("the database is away (") == 1
    assert caplog.text.count("the database is back") == 1


async def test_a_group_that_nobody_reads_any_more_is_forgotten(engine: Engine) -> None:
    readers = [await engine.reader() for _ in range(3)]
    assert list(engine.hub.groups) == [engine.room.group]
    for reader in readers:
        reader.resume()
        await reader.until(lambda reader: bool(reader.frames))
        reader.subscriber.leave()
    await eventually(lambda: not engine.hub.groups, lambda: engine.hub.groups)


async def test_a_reader_that_is_busy_gets_one_catch_up_for_all_that_it_missed(engine: Engine) -> None:
    reader = await engine.reader()
    reader.resume()
    await reader.until(lambda reader: bool(reader.frames))
    other = await engine.reader()
    reader.reads.clear()
    reader.frames.clear()
    for number in range(20):
        await engine.say(str(number))
        await other.until(lambda other, n=number: len(other.page.texts()) == n + 1)  # type: ignore[misc]
    assert reader.waiting == 1
    reader.reads.set()
    await reader.until_says(*(str(number) for number in range(20)))
    assert len(reader.frames) == 2


async def test_a_page_that_resumes_while_a_frame_is_on_its_way_misses_nothing(engine: Engine) -> None:
    reader, other = await engine.reader(), await engine.reader()
    reader.subscriber.leave()
    await engine.say("while away")
    await other.until_says("while away")
    reader.subscriber = Subscriber(key="reader", send=reader.connect().send)
    engine.hub.subscribe(engine.room.group, reader.subscriber)
    reader.reads.clear()
    await engine.say("live")
    await reader.until(lambda reader: reader.waiting == 1)
    reader.resume()
    await engine.say("later")
    await other.until_says("while away", "live", "later")
    reader.reads.set()
    await reader.until_says("while away", "live", "later")
    await reader.until(lambda reader: reader.page.cursor == str(engine.hub.groups[engine.room.group]))


async def test_a_resume_that_meets_a_catch_up_loses_neither(engine: Engine) -> None:
    page, other = await engine.page(), await engine.reader()
    for number in range(3):
        await engine.say(str(number))
    await other.until_says("0", "1", "2")
    head = await engine.log.head(engine.room.group)
    reader = await engine.reader()
    reader.page = page
    # The page resumes, and in the same moment its socket has done with a slow frame and wants what it missed since.
    (feed,) = reader.subscriber.feeds
    feed.catch_up(reader.subscriber, int(page.cursor))
    feed.catch_up(reader.subscriber, head, resumes=False)
    await reader.until_says("0", "1", "2")
    await reader.until(lambda reader: reader.page.cursor == str(head))


async def test_a_reader_that_does_not_read_for_too_long_is_closed_so_that_it_comes_back(engine: Engine) -> None:
    reader, other = await engine.reader(patience=0.1), await engine.reader()
    reader.reads.clear()
    await engine.say("one")
    await other.until_says("one")
    await eventually(lambda: reader.subscriber.closed)
    await engine.say("two")
    await other.until_says("one", "two")
    reader.reads.set()
    await reader.until(lambda reader: reader.closed_with == TRY_AGAIN_LATER)
    assert len(reader.frames) == 1


async def test_a_socket_that_breaks_is_left_alone(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: object) -> None:
        raise ConnectionResetError

    caplog.set_level(logging.WARNING)
    reader, other = await engine.reader(), await engine.reader()
    reader.subscriber._send = broken
    await engine.say("one")
    await other.until_says("one")
    await engine.say("two")
    await other.until_says("one", "two")
    assert reader.subscriber.closed
    assert not caplog.records
