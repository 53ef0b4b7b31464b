"""From whatever seq a bot comes back, it ends with the rows that there are; wherever it was cut off before that."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.board.bots import BOARD, GROUPS, STREAMS, Board, Bot, Frames
from tests.support.json_client import Copy, Rows
from webapp.live.fanout import feed

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

pks = st.integers(1, 4)
places = st.sampled_from(["NULL", "1", "2"])
statements = st.one_of(
    st.builds("INSERT INTO integervalue (id, name, room_id) VALUES ({0}, 'n{0}', {1})".format, pks, places),
    st.builds("UPDATE integervalue SET value = value + 1 WHERE id = {}".format, pks),
    st.builds("UPDATE integervalue SET name = name || 'x' WHERE id = {}".format, pks),
    st.builds("UPDATE integervalue SET name = name || 'y', value = value - 5 WHERE id >= {}".format, pks),
    st.builds("UPDATE integervalue SET room_id = {1} WHERE id = {0}".format, pks, places),
    st.builds("DELETE FROM integervalue WHERE id = {}".format, pks),
)
# Runs of some changes each, that bots are told of at once.
steps = st.lists(st.lists(statements, min_size=1, max_size=8), min_size=1, max_size=6)


async def start(board: Board) -> None:
    for table in ("integervalue", "live_change", "live_group"):
        await board.run(f"DELETE FROM {table}")
    for group in GROUPS:
        # A name that is there already is no fault of the history's.
        await board.run(f"INSERT INTO live_group (name, head) VALUES ('{group}', 100)")


async def write(board: Board, statement: str) -> None:
    """Run it unless the database refuses it."""
    head = statement.split(" VALUES ")
    if len(head) == 2:
        pk = head[1].strip("(").split(",")[0]
        if await board.database.one.run(f"SELECT id FROM integervalue WHERE id = {pk}"):
            return
    await board.run(statement)


def cuts(before: Copy, frames: Frames) -> list[Copy]:
    """The copies of those who were cut off after each of `frames`, or before all of them."""
    copies = [deepcopy(before)]
    for frame in frames:
        payload = frame.get("payload", {})
        copy = deepcopy(copies[-1])
        if payload.get("action") == "update":
            assert payload["pk"] in copy.rows.get(frame["stream"], {}), "an update of a row that it was never told of"
        copy.apply(frame)
        copies.append(copy)
    return copies


async def assert_all_end_right(board: Board, group: str, followers: Sequence[Bot]) -> None:
    """Everybody who was ever cut off, anywhere, comes back and ends right; cut off again while coming back as well."""
    rows = await board.rows(group)
    answers: dict[int, Frames] = {}
    waiting = [copy for bot in followers for copy in cuts(Copy(), bot.frames)]
    seen: list[tuple[int, Rows]] = []
    while waiting:
        copy = waiting.pop()
        if (copy.seq, copy.rows) in seen:
            continue
        seen.append((copy.seq, copy.rows))
        if copy.seq not in answers:
            answers[copy.seq] = (await board.bot(group, copy.seq)).frames
        copies = cuts(copy, answers[copy.seq])
        assert copies[-1].rows.get(STREAMS[group], {}) == rows[STREAMS[group]], (copy.seq, answers[copy.seq])
        waiting += copies


@given(history=steps, batch=st.sampled_from([2, 500]))
@FEW
async def test_whoever_was_cut_off_anywhere_comes_back_to_the_same_rows(
    board: Board, history: list[list[str]], batch: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        # With 2, whoever missed three changes is told everything afresh.
        patched.setattr(feed, "BATCH", batch)
        await start(board)
        board.hub = Board(board.database).hub
        await board.run("INSERT INTO integervalue (id, name) VALUES (1, 'n1'), (2, 'n2'), (3, 'n3')")
        followers = {group: [await board.bot(group)] for group in GROUPS[:3]}
        for run in history:
            for statement in run:
                await write(board, statement)
            await board.settle()
        for group, bots in followers.items():
            live = bots[0].copy.rows.get(STREAMS[group], {})
            assert live == (await board.rows(group))[STREAMS[group]]
            await assert_all_end_right(board, group, bots)
        await board.hub.close()


async def test_cut_off_in_a_collapsed_run_it_is_told_all_fields_that_it_missed(board: Board) -> None:
    await start(board)
    await board.run("INSERT INTO integervalue (id, name) VALUES (1, 'a'), (2, 'b')")
    bot = await board.bot(BOARD)
    await board.run("UPDATE integervalue SET name = 'aa' WHERE id = 1")
    await board.run("UPDATE integervalue SET value = 2 WHERE id = 2")
    await board.run("UPDATE integervalue SET value = 1 WHERE id = 1")
    await board.run("INSERT INTO integervalue (id, name) VALUES (3, 'c')")
    await board.run("UPDATE integervalue SET value = 3 WHERE id >= 2")
    await board.settle()
    assert [frame["payload"]["pk"] for frame in bot.frames[-3:]] == [1, 2, 3]
    await assert_all_end_right(board, BOARD, [bot])


async def test_who_has_not_resumed_is_told_no_seq_by_live_frames(board: Board) -> None:
    await start(board)
    await board.run("INSERT INTO integervalue (id, name) VALUES (1, 'missed')")
    bot = await board.bot(BOARD, None)
    await board.run("INSERT INTO integervalue (id, name) VALUES (2, 'live')")
    await board.settle()
    assert [frame["payload"]["data"]["name"] for frame in bot.frames] == ["live"]
    assert bot.copy.seq == 0
    await bot.resume(bot.copy.seq)
    assert bot.copy.rows == await board.rows(BOARD)


async def test_a_slow_bot_gets_what_it_missed_in_one_run_and_one_that_never_resumed_no_seq_for_it(
    board: Board,
) -> None:
    await start(board)
    resumed, other = await board.bot(BOARD), await board.bot(BOARD, None)
    for bot in (resumed, other):
        bot.reads.clear()
    await board.run("INSERT INTO integervalue (id, name) VALUES (1, 'a')")
    await board.settle()
    for number in range(1, 50):
        await board.run(f"UPDATE integervalue SET value = {number} WHERE id = 1")
        await board.settle()
    seen = len(resumed.frames)
    for bot in (resumed, other):
        assert bot.waiting == 1
        bot.reads.set()
        await bot.until(lambda bot: bot.copy.rows == {"intval": {1: {"name": "a", "value": 49}}})
    await board.settle()
    assert len(resumed.frames) - seen == 3
    assert resumed.frames[-1] == {"resumed": True, "seq": 150}
    assert [frame["payload"]["action"] for frame in other.frames] == ["create", "update"]
    assert not any("seq" in frame for frame in other.frames)


@pytest.mark.parametrize("seq", [-1, 0, 1, 99, 10**15, 2**63, 10**30])
async def test_a_seq_that_is_none_of_the_log_s_brings_everything_afresh(board: Board, seq: int) -> None:
    await start(board)
    await board.run("INSERT INTO integervalue (id, name) VALUES (1, 'a'), (2, 'b')")
    await board.run("DELETE FROM live_change WHERE seq < 102")
    bot = await board.bot(BOARD, seq)
    assert [frame.get("payload", {}).get("action") for frame in bot.frames] == ["reset", "create", "create", None]
    assert [frame["seq"] for frame in bot.frames] == [0, 0, 0, 102]
