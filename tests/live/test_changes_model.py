"""Whatever two programs do to the rows in whatever order, the log brings every page to what its room holds.

And it tells of each statement just what that one did, to bindings about all rows and to those about some.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live.expected import Statement, Table, expected, tells, told
from tests.live.replay import Snapshot, assert_replays, snapshot
from tests.support.databases import EVERYTHING, ROOMS, Database, Session
from webapp.app import bindings
from webapp.chat.bindings import MessageBinding
from webapp.chat.models import Message
from webapp.live.changelog.watch import Watch

KEYS = range(1, 7)
COLUMNS: tuple[str, ...] = (
    "id",
    "room_id",
    "handle",
    "message",
    "timestamp",
    "nonce",
    "mark",
    "author",
    "edited_at",
    "is_lookalike",
)
COLUMNS += ("kind", "reply_to", "quoted_handle", "quoted_text", "reactions")


class HandleA(MessageBinding):
    """What `a` said, in a group for each room."""

    stream = "a"
    group = "a:{room_id}"
    only = {"handle": "a"}  # noqa: RUF012


class RoomOneNew(MessageBinding):
    """What was said in room 1 and has no nonce, in one group."""

    stream = "new"
    group = "new"
    fields = ("message", "nonce", "handle", "mark", "author", "is_lookalike")
    only = {"nonce": None, "room_id": 1}  # noqa: RUF012


BINDINGS = [*(one for one in bindings() if one.model is Message), HandleA(), RoomOneNew()]

Statements = dict[str, list[Statement]]
"""By group: what each statement did there, in order."""

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
update_known = st.builds("UPDATE message SET nonce = NULL WHERE room_id = {}".format, room)
update_two = st.builds("UPDATE message SET handle = '{}', message = '{}' WHERE id >= {}".format, text, text, key)
update_many = st.builds("UPDATE message SET handle = '{}' WHERE room_id = {}".format, text, room)
delete = st.builds("DELETE FROM message WHERE id = {}".format, key)
delete_many = st.builds("DELETE FROM message WHERE room_id = {} AND message = '{}'".format, room, text)
move = st.builds("UPDATE message SET room_id = {} WHERE id = {}".format, room, key)
move_many = st.builds("UPDATE message SET room_id = {}, message = '{}' WHERE room_id = {}".format, room, text, room)
rekey = st.builds("UPDATE message SET id = id + 300 WHERE id = {}".format, key)

statement = st.one_of(
    *(
        create,
        create,
        upsert,
        create_many,
        update,
        update_unbound,
        update_known,
        update_two,
        update_many,
        delete,
        delete_many,
        move,
        move_many,
    ),
    rekey,
)


class Step(NamedTuple):
    """A transaction of the first or the second program."""

    second: bool
    statements: list[str]
    commits: bool


# Rows of which one statement changes different columns.
FIRST = Step(
    second=False,
    statements=[
        "INSERT INTO message (id, room_id, handle, message) VALUES"
        " (1, 1, 'a', 'b'), (2, 1, 'b', 'a'), (3, 1, 'b', 'b'), (4, 2, 'a', 'a')"
    ],
    commits=True,
)

steps = st.lists(st.builds(Step, st.booleans(), st.lists(statement, min_size=1, max_size=4), st.booleans()), max_size=8)


@pytest.fixture(autouse=True)
async def installed(database: Database) -> None:
    await database.log.install(BINDINGS)


@given(steps=steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_log_replayed_from_any_cursor_gives_the_rows_of_the_room(
    database: Database, steps: list[Step]
) -> None:
    await database.empty()
    snapshots = [await snapshot(database)]
    statements: Statements = defaultdict(list)
    for step in [FIRST, *steps]:
        did = await _take(step, database.two if step.second else database.one)
        snapshots.append(await snapshot(database))
        if not step.commits:
            assert snapshots[-1] == snapshots[-2]
            continue
        for before, after in did:
            _expect(statements, before, after)
    await assert_replays(database, snapshots)
    assert all(_moved(before, after) for before, after in pairwise(snapshots))
    await _assert_told(database, statements)


async def _take(step: Step, session: Session) -> list[tuple[Table, Table]]:
    """The table before and after each statement."""
    did = []
    await session.run("BEGIN")
    before = await _table(session)
    for statement in step.statements:
        # A key that is taken would end the transaction.
        for sql in ["DELETE FROM message WHERE id > 300", statement] if "300" in statement else [statement]:
            await session.run(sql)
            after = await _table(session)
            did.append((before, after))
            before = after
    await session.run("COMMIT" if step.commits else "ROLLBACK")
    return did


async def _table(session: Session) -> Table:
    rows = await session.run(f"SELECT {', '.join(COLUMNS)} FROM message")
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}


def _expect(statements: Statements, before: Table, after: Table) -> None:
    for binding in BINDINGS:
        for group, statement in expected(Watch.of(binding), before, after).items():
            statements[group].append(statement)


async def _assert_told(database: Database, statements: Statements) -> None:
    groups = {name for (name,) in await database.one.run("SELECT name FROM live_group")}
    assert groups == set(statements)
    for group, each in statements.items():
        changes = [told(change) for change in await database.log.after(group, 0, EVERYTHING)]
        assert tells(changes, each), (changes, each)


def _moved(before: Snapshot, after: Snapshot) -> bool:
    """A room's head has moved if what it shows has."""
    return all(after.heads[r] > before.heads[r] for r in ROOMS if after.rooms[r] != before.rooms[r])
