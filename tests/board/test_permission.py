"""What may not be read is never sent, what may not be done is not done, and rights are asked for when they change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.board.clubs import GROUP, ClubReader, Clubs, Note, NoteBinding, SecretBinding, running
from tests.support.databases import Databases
from webapp.live.database.batch_loader import BatchLoader
from webapp.live.visitor import Visitor

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DIALECTS = pytest.mark.parametrize("as_json", [False, True], ids=["page", "bot"])


@pytest.fixture
async def clubs(databases: Databases) -> AsyncIterator[Clubs]:
    async with running(databases.empty().replace("postgres://", "asyncpg://")) as found:
        yield found


def note(pk: int, text: str) -> str:
    return f"INSERT INTO note (id, text, pinned, club_id) VALUES ({pk}, '{text}', FALSE, 1)"


def away(name: str) -> str:
    return f"DELETE FROM member WHERE visitor = '{name}'"


@DIALECTS
async def test_who_may_not_read_is_told_so_and_nothing_else(clubs: Clubs, as_json: bool) -> None:
    await clubs.run(note(2, "secret"))
    reader = await clubs.reader("mallory", as_json)
    await reader.until_told("closed 4403")
    reader.send(
        {"stream": "notes", "action": "create", "text": "x", "payload": {"action": "create", "data": {"text": "x"}}}
    )
    await clubs.run(note(4, "secret"))
    await clubs.settle()
    assert len(reader.frames) == 1
    assert "forbidden" in reader.frames[0]
    assert NoteBinding.asked == []
    if as_json:
        assert json.loads(reader.frames[0]) == {"error": {"reason": "forbidden"}}


@DIALECTS
async def test_rights_that_are_withdrawn_by_raw_sql_close_just_that_socket(clubs: Clubs, as_json: bool) -> None:
    ann, bob = await clubs.reader("ann", as_json), await clubs.reader("bob", not as_json)
    also_ann = await clubs.reader("ann", not as_json)
    await clubs.run(note(2, "before"))
    await clubs.settle()
    # One run: what stands before the deletion in the log is sent with what stands after it, so to bob alone.
    await clubs.run(note(4, "together"), away("ann"))
    await clubs.run(note(6, "after"))
    await clubs.settle()
    for reader in (ann, also_ann):
        assert reader.closed_with == 4403
        assert "before" in "".join(reader.frames)
        assert "after" not in "".join(reader.frames)
        assert "forbidden" in reader.frames[-1]
    assert bob.closed_with is None
    assert "after" in "".join(bob.frames)
    back = await clubs.reader("ann", as_json, await clubs.log.head(GROUP))
    await back.until_told("closed 4403")
    assert len(back.frames) == 1


@DIALECTS
async def test_who_was_sent_away_can_do_nothing_more(clubs: Clubs, as_json: bool) -> None:
    ann = await clubs.reader("ann", as_json)
    await clubs.run(away("ann"))
    await clubs.settle()
    ann.send(
        {"stream": "notes", "action": "create", "text": "x", "payload": {"action": "create", "data": {"text": "x"}}}
    )
    ann.close()
    await ann.task
    await asyncio.sleep(0)
    assert NoteBinding.asked == []


@DIALECTS
async def test_a_frame_between_a_new_socket_s_two_checks_waits_for_the_second(
    clubs: Clubs, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await clubs.reader("bob", as_json)
    asked, allowed = asyncio.Event(), asyncio.Event()
    answers, real = [True], clubs.notes.can_subscribe

    async def can_subscribe(visitor: Visitor, group: str) -> bool:
        if answers:
            # As it was a moment ago.
            return answers.pop()
        asked.set()
        await allowed.wait()
        return await real(visitor, group)

    await clubs.run(away("ann"))
    await clubs.settle()
    monkeypatch.setattr(clubs.notes, "can_subscribe", can_subscribe)
    ann = ClubReader(clubs, "ann", as_json)
    await asked.wait()
    await clubs.run(note(2, "after"))
    await clubs.settle()
    allowed.set()
    await ann.until_told("closed 4403")
    assert "after" not in "".join(ann.frames)
    ann.close()
    await ann.task


@pytest.mark.parametrize(
    ("who", "action", "pk", "done"),
    [
        ("ann", "create", None, True),
        ("ann", "update", 2, True),
        ("ann", "update", 3, False),
        ("ann", "delete", 2, False),
        ("eve", "delete", 2, True),
        ("eve", "update", 3, False),
    ],
)
@DIALECTS
async def test_an_action_is_permitted_by_visitor_and_row(
    clubs: Clubs, as_json: bool, who: str, action: str, pk: int | None, done: bool
) -> None:
    await clubs.run(note(2, "two"), note(3, "three"))
    reader = await clubs.reader(who, as_json)
    frame = {"stream": "notes", "action": action, "pk": pk, "text": "new"}
    payload = {"action": action, "pk": pk, "data": {"text": "new"}}
    reader.send({"stream": "notes", "id": 1, "payload": payload} if as_json else frame)
    if as_json:
        await reader.until_told('"accepted"' if done else '"error"')
        if not done:
            assert json.loads(reader.frames[-1]) == {"stream": "notes", "id": 1, "error": {"reason": "refused"}}
    else:
        await reader.until_told("_done" if done else "_refused")
    assert NoteBinding.asked == [(who, action, pk)]
    rows = await clubs.log._connection.execute_query_dict("SELECT id, text FROM note ORDER BY id")
    assert ([row["text"] for row in rows] == ["two", "three"]) == (not done)


async def test_members_are_told_with_every_change(clubs: Clubs) -> None:
    reader = await clubs.reader("ann", True)
    await clubs.run(note(2, "two"))
    await clubs.settle()
    await clubs.run("UPDATE note SET text = 'zwei' WHERE id = 2")
    await clubs.settle()
    await clubs.run("DELETE FROM note")
    await clubs.settle()
    data = [
        frame["payload"]["data"] for frame in map(json.loads, reader.frames) if frame.get("seq") and "payload" in frame
    ]
    assert data == [{"text": "two", "pinned": False, "club.name": "chess"}, {"text": "zwei", "club.name": "chess"}, {}]


@DIALECTS
async def test_a_stream_that_one_may_not_read_is_not_sent_with_another_of_the_group(
    tmp_path: Path, as_json: bool
) -> None:
    async with running(f"sqlite://{tmp_path}/clubs.sqlite3", SecretBinding()) as clubs:
        await clubs.run(note(2, "two"))
        ann = ClubReader(clubs, "ann", as_json)
        clubs.readers.append(ann)
        eve = await clubs.reader("eve", as_json)
        await ann.until_told("closed 4403")
        assert "two" not in "".join(ann.frames)
        assert eve.closed_with is None


async def test_a_row_that_is_no_json_closes_bots_only(
    clubs: Clubs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    readers = [await clubs.reader("ann", as_json) for as_json in (True, False, True, False)]
    monkeypatch.setattr(clubs.notes, "serialize", lambda row, names: {"text": object()})
    await clubs.run(note(2, "two"))
    await clubs.settle()
    await asyncio.sleep(0)
    assert [reader.closed_with for reader in readers] == [1011, None, 1011, None]
    assert all("two" in "".join(reader.frames) for reader in readers[1::2])
    assert [record.levelname for record in caplog.records].count("ERROR") == 2


steps = st.lists(
    st.one_of(
        st.builds(lambda name: away(name), st.sampled_from(["ann", "bob"])),
        st.builds(
            lambda pk, name: (
                f"INSERT INTO member (id, club_id, visitor) SELECT {pk}, 1, '{name}'"
                f" WHERE NOT EXISTS (SELECT 1 FROM member WHERE id = {pk})"
            ),
            st.integers(1, 2),
            st.sampled_from(["ann", "bob"]),
        ),
        st.just("note"),
        st.just("settle"),
        st.just("open"),
    ),
    min_size=3,
    max_size=20,
)


@pytest.mark.parametrize("catches_up", [False, True], ids=["live", "catching up"])
@DIALECTS
async def test_what_is_committed_after_the_rights_while_a_frame_is_made_is_not_in_it(
    clubs: Clubs, as_json: bool, catches_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, head = await clubs.reader("ann", as_json), await clubs.log.head(GROUP)
    real = clubs.notes.rows.load
    await clubs.run(note(2, "before"))
    if catches_up:
        await clubs.settle()
    loads = []

    async def load(asked: Sequence[tuple[str, Collection[str]]]) -> list[dict[str, Note]]:
        loads.append(asked)
        if len(loads) == 1:
            await clubs.run(away("ann"))
            await clubs.run("UPDATE note SET text = 'after' WHERE id = 2")
        return await real(asked)

    monkeypatch.setitem(clubs.hub.frames._loaders, clubs.notes.stream, BatchLoader(load))
    if catches_up:
        ann.connection._subscriber.feeds[0].catch_up(ann.connection._subscriber, head)
    await clubs.settle()
    await clubs.settle()
    await ann.until_told("closed 4403")
    assert "after" not in "".join(ann.frames)


class History:
    """Members who open sockets, go and come, while notes are written. hidden: what each socket must never be told."""

    def __init__(self, clubs: Clubs) -> None:
        self.clubs = clubs
        self.names: list[str] = []
        self.hidden: dict[int, set[str]] = {}

    async def begin(self) -> None:
        """Nobody but ann and bob, each with a page and a bot."""
        clubs = self.clubs
        for reader in clubs.readers:
            reader.close()
        await asyncio.gather(*(reader.task for reader in clubs.readers))
        clubs.readers.clear()
        await clubs.run("DELETE FROM note", "DELETE FROM member")
        for number, name in enumerate(("ann", "bob"), 1):
            await clubs.run(f"INSERT INTO member (id, club_id, visitor) VALUES ({number}, 1, '{name}')")
        await self.open(False)
        await self.open(True)

    async def open(self, as_json: bool) -> None:
        """Both open one socket more."""
        await self.settle()
        for name in ("ann", "bob"):
            self.names.append(name)
            await self.clubs.reader(name, as_json)

    async def settle(self) -> None:
        """Everybody is told; who is a member by then, and was not sent away, may know what it missed."""
        await self.clubs.settle()
        for index, name in enumerate(self.names):
            if self.clubs.readers[index].closed_with is None and await self.clubs.is_member(name):
                self.hidden.pop(index, None)

    async def write(self, number: int) -> None:
        """A note, which is hidden from all that are no members now."""
        await self.clubs.run(note(number, f"<{number}>"))
        for index, name in enumerate(self.names):
            if not await self.clubs.is_member(name):
                self.hidden.setdefault(index, set()).add(f"<{number}>")


@given(history=steps)
@FEW
async def test_whoever_loses_its_rights_gets_nothing_of_what_came_after(clubs: Clubs, history: list[str]) -> None:
    past = History(clubs)
    await past.begin()
    for number, step in enumerate(history, 1):
        match step:
            case "settle":
                await past.settle()
            case "open":
                await past.open(number % 2 == 0)
            case "note":
                await past.write(number)
            case _:
                await clubs.run(step)
    await past.settle()
    for index, reader in enumerate(clubs.readers):
        told = "".join(reader.frames)
        assert not [text for text in past.hidden.get(index, ()) if text in told]
        assert reader.closed_with in ((4403, None) if await clubs.is_member(past.names[index]) else (4403,))
