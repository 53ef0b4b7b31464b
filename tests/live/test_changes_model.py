"""Whatever two programs do to the rows in whatever order, the log brings every page to what its room holds."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live.databases import ROOMS, Database, Session
from tests.live.replay import Snapshot, assert_replays, snapshot

KEYS = range(1, 7)

key = st.sampled_from(KEYS)
room = st.sampled_from(ROOMS)
text = st.sampled_from(["a", "b"])

create = st.builds(
    "INSERT INTO message (id, room_id, handle, message) VALUES ({}, {}, 'ann', '{}') ON CONFLICT DO NOTHING".format,
    key,
    room,
    text,
)
upsert = st.builds(
    "INSERT INTO message (id, room_id, handle, message) VALUES ({}, {}, 'ann', '{}'), (6, 1, 'ann', 'a')"
    " ON CONFLICT (id) DO UPDATE SET message = excluded.message, room_id = excluded.room_id".format,
    st.sampled_from(KEYS[:-1]),
    room,
    text,
)
create_many = st.builds(
    "INSERT INTO message (id, room_id, handle, message) VALUES ({0}, 1, 'ann', '{1}'), ({0} + 100, 2, 'ann', '{1}'),"
    " ({0} + 200, 3, 'ann', '{1}') ON CONFLICT DO NOTHING".format,
    key,
    text,
)
update = st.builds("UPDATE message SET message = '{}' WHERE id = {}".format, text, key)
update_unbound = st.builds("UPDATE message SET nonce = id || '{}' WHERE id = {}".format, text, key)
update_many = st.builds("UPDATE message SET handle = '{}' WHERE room_id = {}".format, text, room)
delete = st.builds("DELETE FROM message WHERE id = {}".format, key)
delete_many = st.builds("DELETE FROM message WHERE room_id = {} AND message = '{}'".format, room, text)
move = st.builds("UPDATE message SET room_id = {} WHERE id = {}".format, room, key)
move_many = st.builds("UPDATE message SET room_id = {}, message = '{}' WHERE room_id = {}".format, room, text, room)
rekey = st.builds("UPDATE message SET id = id + 300 WHERE id = {}".format, key)

statement = st.one_of(
    *(create, create, upsert, create_many, update, update_unbound, update_many, delete, delete_many, move, move_many),
    rekey,
)


class Step(NamedTuple):
    """A transaction of the first or the second program."""

    second: bool
    statements: list[str]
    commits: bool


steps = st.lists(st.builds(Step, st.booleans(), st.lists(statement, min_size=1, max_size=4), st.booleans()), max_size=8)


@given(steps=steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_log_replayed_from_any_cursor_gives_the_rows_of_the_room(
    database: Database, steps: list[Step]
) -> None:
    await database.empty()
    snapshots = [await snapshot(database)]
    for step in steps:
        await _take(step, database.two if step.second else database.one)
        snapshots.append(await snapshot(database))
        if not step.commits:
            assert snapshots[-1] == snapshots[-2]
    await assert_replays(database, snapshots)
    assert all(_moved(before, after) for before, after in pairwise(snapshots))


async def _take(step: Step, session: Session) -> None:
    await session.run("BEGIN")
    for sql in step.statements:
        if "300" in sql:
            # A key that is taken would end the transaction.
            await session.run("DELETE FROM message WHERE id > 300")
        await session.run(sql)
    await session.run("COMMIT" if step.commits else "ROLLBACK")


def _moved(before: Snapshot, after: Snapshot) -> bool:
    """A room's head has moved if what it shows has."""
    return all(after.heads[r] > before.heads[r] for r in ROOMS if after.rooms[r] != before.rooms[r])
