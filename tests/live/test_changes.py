"""The change log: whoever writes a row, its group's log says so, once and in commit order."""

from __future__ import annotations

import asyncio

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from tests.support.databases import Database
from webapp.app import bindings
from webapp.chat.models import Message, Room
from webapp.live.changelog.watch import Watch
from webapp.live.database.namespace import Namespace


async def add(database: Database, *texts: str, room: int = 1) -> list[int]:
    """Insert messages from outside, and give their ids."""
    values = ", ".join(f"({room}, 'ann', '{text}')" for text in texts)
    rows = await database.one.run(f"INSERT INTO message (room_id, handle, message) VALUES {values} RETURNING id")
    return sorted(pk for (pk,) in rows)


async def test_the_orm_creates_changes_and_deletes(database: Database) -> None:
    message = await Message.create(room_id=1, handle="ann", message="hi")
    message.message = "ho"
    await message.save()
    await message.delete()
    pk = str(message.id)
    assert await database.happened(1) == [("create", pk), ("update", pk), ("delete", pk)]
    assert await database.happened(2) == []


async def test_bulk_create_logs_each_row_in_order(database: Database) -> None:
    await Message.bulk_create([Message(room_id=1, handle="ann", message=str(n)) for n in range(5)])
    pks = [str(message.id) for message in await Message.all().order_by("id")]
    assert await database.happened(1) == [("create", pk) for pk in pks]


async def test_a_query_sets_update_and_delete_log_each_row(database: Database) -> None:
    pks = await add(database, "a", "b")
    await Message.filter(room_id=1).update(message="c")
    await Message.filter(id=pks[0]).delete()
    assert (await database.happened(1))[2:] == [
        ("update", str(pks[0])),
        ("update", str(pks[1])),
        ("delete", str(pks[0])),
    ]


async def test_raw_sql_of_another_program_is_logged(database: Database) -> None:
    (pk,) = await add(database, "hi")
    await database.two.run("UPDATE message SET message = 'ho'")
    await database.one.run("DELETE FROM message")
    assert await database.happened(1) == [("create", str(pk)), ("update", str(pk)), ("delete", str(pk))]


async def test_a_rollback_leaves_no_trace(database: Database) -> None:
    await add(database, "kept")
    heads = await database.heads()
    await database.one.run("BEGIN")
    await add(database, "a", "b")
    await database.one.run("UPDATE message SET message = 'c'")
    await database.one.run("DELETE FROM message")
    await database.one.run("ROLLBACK")
    assert await database.heads() == heads
    assert len(await database.changes(1)) == 1
    with pytest.raises(IntegrityError):  # noqa: PT012 - the transaction ends by it
        async with in_transaction():
            await Message.create(room_id=1, handle="ann", message="hi", nonce="n")
            await Message.create(room_id=1, handle="ann", message="hi", nonce="n")
    assert await database.heads() == heads


async def test_an_update_of_nothing_that_is_shown_is_no_change(database: Database) -> None:
    await add(database, "hi")
    await database.one.run("UPDATE message SET nonce = 'abc'")
    await database.one.run("UPDATE message SET message = 'hi', handle = 'ann', room_id = 1, id = id")
    await database.one.run("UPDATE message SET message = 'other' WHERE id = 0")
    await database.one.run("DELETE FROM message WHERE id = 0")
    assert len(await database.changes(1)) == 1


@pytest.mark.parametrize("column", ["handle", "message", "timestamp", "mark", "edited_at"])
async def test_an_update_of_what_is_shown_is_one_change(database: Database, column: str) -> None:
    (pk,) = await add(database, "hi")
    await database.one.run(f"UPDATE message SET {column} = '2001-02-03 04:05:06', nonce = 'abc'")
    assert (await database.happened(1))[1:] == [("update", str(pk))]


async def test_an_update_of_some_rows_logs_those_that_changed(database: Database) -> None:
    pks = await add(database, "hi", "ho", "hi")
    await database.one.run("UPDATE message SET message = 'ho'")
    assert (await database.happened(1))[3:] == [("update", str(pks[0])), ("update", str(pks[2]))]


async def test_a_row_that_moves_is_deleted_there_and_created_here(database: Database) -> None:
    (pk,) = await add(database, "hi")
    await database.one.run("UPDATE message SET room_id = 2, message = 'ho'")
    assert await database.happened(1) == [("create", str(pk)), ("delete", str(pk))]
    assert await database.happened(2) == [("create", str(pk))]


async def test_a_changed_primary_key_is_a_delete_and_a_create(database: Database) -> None:
    (pk,) = await add(database, "hi")
    await database.one.run("UPDATE message SET id = 4711")
    assert await database.happened(1) == [("create", str(pk)), ("delete", str(pk)), ("create", "4711")]


async def test_rows_that_change_places_are_each_shown_where_they_are_then(database: Database) -> None:
    (first,), (second,) = await add(database, "a"), await add(database, "b", room=2)
    await database.one.run("UPDATE message SET room_id = 3 - room_id")
    assert set((await database.happened(1))[1:]) == {("delete", str(first)), ("create", str(second))}
    assert set((await database.happened(2))[1:]) == {("delete", str(second)), ("create", str(first))}


async def test_a_row_whose_group_is_null_is_in_no_group(database: Database) -> None:
    await database.one.run("CREATE TABLE thing (id INTEGER PRIMARY KEY, shelf INTEGER, name TEXT)")
    await database.one.run("INSERT INTO thing VALUES (1, NULL, 'a'), (2, 1, 'b')")
    watch = Watch(stream="thing", table="thing", pk="id", columns=("name",), group="shelf:{shelf}")
    for statement in database.log._triggers.triggers(Namespace(), watch):
        await database.one.run(statement)
    await database.one.run("INSERT INTO thing VALUES (3, NULL, 'nowhere'), (4, 1, NULL)")
    await database.one.run("UPDATE thing SET name = 'c' WHERE id IN (1, 3)")
    await database.one.run("UPDATE thing SET shelf = NULL WHERE id = 2")
    await database.one.run("UPDATE thing SET shelf = 1 WHERE id = 1")
    await database.one.run("UPDATE thing SET name = 'd' WHERE id = 4")
    await database.one.run("UPDATE thing SET name = NULL WHERE id = 4")
    await database.one.run("DELETE FROM thing WHERE id <> 4")
    happened = [(change.action, change.pk) for change in await database.log.after("shelf:1", 0, 100)]
    assert happened == [
        *[("create", "4"), ("delete", "2"), ("create", "1"), ("update", "4"), ("update", "4"), ("delete", "1")]
    ]
    assert await database.one.run("SELECT name FROM live_group") == [("shelf:1",)]


async def test_a_room_that_is_deleted_takes_its_messages_along(database: Database) -> None:
    pks = await add(database, "a", "b")
    await Room.filter(id=1).delete()
    assert sorted((await database.happened(1))[2:]) == sorted(("delete", str(pk)) for pk in pks)


async def test_an_insert_that_is_ignored_is_no_change(database: Database) -> None:
    await Message.create(room_id=1, handle="ann", message="hi", nonce="n")
    again = Message(room_id=1, handle="ann", message="hi", nonce="n")
    other = Message(room_id=1, handle="ann", message="ho", nonce="m")
    await Message.bulk_create([again, other], ignore_conflicts=True)
    pks = [str(message.id) for message in await Message.all().order_by("id")]
    assert await database.happened(1) == [("create", pk) for pk in pks]
    assert len(pks) == 2


async def test_an_upsert_is_a_change_of_the_row_that_was_there(database: Database) -> None:
    (pk,) = await add(database, "hi")
    await database.one.run(
        f"INSERT INTO message (id, room_id, handle, message) VALUES ({pk}, 1, 'ann', 'ho'), (4711, 1, 'ann', 'new')"
        " ON CONFLICT (id) DO UPDATE SET message = excluded.message"
    )
    assert sorted((await database.happened(1))[1:]) == [("create", "4711"), ("update", str(pk))]


async def test_sequence_numbers_are_contiguous_in_each_group(database: Database) -> None:
    for number in range(5):
        await add(database, "a", "b", room=1)
        await add(database, "c", room=2)
        await database.two.run(f"UPDATE message SET message = '{number}'")
    for room in (1, 2):
        seqs = [change.seq for change in await database.changes(room)]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert await database.log.head(f"room:{room}") == seqs[-1]


async def test_a_groups_numbers_start_at_the_time_of_its_first_change(database: Database) -> None:
    await add(database, "hi")
    ((old,),) = await database.one.run("SELECT head FROM live_group")
    await database.empty()
    await asyncio.sleep(0.01)
    await add(database, "hi")
    ((new,),) = await database.one.run("SELECT head FROM live_group")
    assert new > old > 1_700_000_000_000


async def test_quotes_and_every_script_are_as_good_as_any_text(database: Database) -> None:
    (pk,) = await add(database, "''; DROP TABLE message; --👋🏽\u202eשלום")
    assert await database.happened(1) == [("create", str(pk))]


async def test_pruning_keeps_the_last_thousand(database: Database) -> None:
    await add(database, *(str(n) for n in range(1100)))
    head = await database.log.head("room:1")
    await database.log.prune("room:1", head)
    assert [change.seq for change in await database.changes(1)] == list(range(head - 999, head + 1))


async def test_installing_again_leaves_each_trigger_once_and_drops_stale_ones(database: Database) -> None:
    installed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgres": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[database.kind]
    before = sorted(await database.one.run(installed))
    if database.kind == "sqlite":
        await database.one.run("CREATE TRIGGER live_old_insert AFTER INSERT ON room BEGIN DELETE FROM message; END")
    else:
        await database.one.run(
            "CREATE FUNCTION live_old_insert() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN DELETE FROM message; RETURN NULL; END $$"
        )
        await database.one.run("CREATE TRIGGER live_old_insert AFTER INSERT ON room EXECUTE FUNCTION live_old_insert()")
    await database.log.install(bindings())
    assert sorted(await database.one.run(installed)) == before
    await add(database, "hi")
    assert len(await database.changes(1)) == 1


async def test_others_triggers_are_left_alone(database: Database) -> None:
    if database.kind == "sqlite":
        await database.one.run("CREATE TRIGGER livestock AFTER INSERT ON room BEGIN SELECT 1; END")
        await database.log.install(bindings())
        assert await database.one.run("SELECT 1 FROM sqlite_master WHERE name = 'livestock'")
    else:
        await database.one.run(
            "CREATE FUNCTION livestock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
        )
        await database.one.run("CREATE TRIGGER livestock AFTER INSERT ON room EXECUTE FUNCTION livestock()")
        await database.log.install(bindings())
        assert await database.one.run("SELECT 1 FROM pg_trigger WHERE tgname = 'livestock'")


async def test_what_is_written_while_the_triggers_are_installed_again_is_logged(database: Database) -> None:
    async def write() -> None:
        for number in range(100):
            await add(database, str(number))

    writing = asyncio.create_task(write())
    while not writing.done():
        await database.log.install(bindings())
    await writing
    assert len(await database.changes(1)) == 100
