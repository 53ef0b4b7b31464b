"""What only SQLite has: its conflict clauses, and its shell."""

from __future__ import annotations

import asyncio

from tests.support.database_shell import shell
from tests.support.databases import Database, path_of
from webapp.app import bindings
from webapp.db import migrate
from webapp.live.changelog.sqlite_log import marks

INSERT = "INTO message (id, room_id, handle, message, nonce)"


async def test_a_replaced_row_is_shown_anew(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', NULL)")
    await sqlite.one.run(f"INSERT OR REPLACE {INSERT} VALUES (7, 1, 'ann', 'ho', NULL)")
    assert await sqlite.happened(1) == [("create", "7"), ("create", "7")]


async def test_a_row_replaced_by_one_of_another_room_leaves_its_own(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', NULL)")
    await sqlite.one.run(f"REPLACE {INSERT} VALUES (7, 2, 'ann', 'ho', NULL)")
    assert await sqlite.happened(1) == [("create", "7"), ("delete", "7")]
    assert await sqlite.happened(2) == [("create", "7")]


async def test_an_ignored_insert_makes_no_change_in_the_room_that_it_was_meant_for(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', 'n')")
    await sqlite.one.run(f"INSERT OR IGNORE {INSERT} VALUES (7, 1, 'ann', 'ho', NULL), (8, 2, 'ann', 'ho', 'n')")
    assert await sqlite.happened(1) == [("create", "7")]
    assert await sqlite.happened(2) == []


async def test_conflict_clauses_of_the_outer_statement_reach_no_count(sqlite: Database) -> None:
    for number, clause in enumerate(("ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE")):
        await sqlite.one.run(f"INSERT OR {clause} {INSERT} VALUES ({number + 1}, 1, 'ann', 'hi', NULL)")
        await sqlite.one.run(f"UPDATE OR {clause} message SET message = 'ho' WHERE id = {number + 1}")
    seqs = [change.seq for change in await sqlite.changes(1)]
    assert seqs == list(range(seqs[0], seqs[0] + 10))


async def test_the_shell_is_followed_as_well(sqlite: Database) -> None:
    await asyncio.to_thread(
        shell,
        path_of(sqlite.url),
        "BEGIN; INSERT INTO message (room_id, handle, message) VALUES (1, 'ann', 'hi'); COMMIT; DELETE FROM message;",
    )
    assert await sqlite.happened(1) == [("create", "1"), ("delete", "1")]


async def test_a_program_that_checks_no_foreign_keys_is_followed_as_well(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', NULL)")
    await asyncio.to_thread(shell, path_of(sqlite.url), "UPDATE message SET room_id = 99")
    assert await sqlite.happened(1) == [("create", "7"), ("delete", "7")]


async def test_migrating_again_installs_the_triggers_anew(sqlite: Database) -> None:
    await sqlite.one.run("DROP TRIGGER live_chat_insert")
    await sqlite.one.run("CREATE TRIGGER live_old AFTER INSERT ON room BEGIN DELETE FROM message; END")
    await migrate(sqlite.url, bindings())
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', NULL)")
    assert await sqlite.happened(1) == [("create", "7")]
    assert not await sqlite.one.run("SELECT name FROM sqlite_master WHERE name = 'live_old'")


async def test_the_pulse_moves_with_every_commit_and_only_then(sqlite: Database) -> None:
    first = await sqlite.log.change_token()
    assert await sqlite.log.change_token() == first
    await sqlite.two.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', NULL)")
    second = await sqlite.log.change_token()
    assert second != first
    await sqlite.log._connection.execute_query("DELETE FROM message")
    assert await sqlite.log.change_token() != second


def test_parameter_marks_are_sqlites() -> None:
    assert marks("a = $1 AND b = $12") == "a = ?1 AND b = ?12"


async def test_a_row_replaced_through_another_unique_column_is_gone(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', 'n')")
    await sqlite.one.run(f"REPLACE {INSERT} VALUES (8, 2, 'ann', 'ho', 'n')")
    assert await sqlite.happened(1) == [("create", "7"), ("delete", "7")]
    assert await sqlite.happened(2) == [("create", "8")]


async def test_a_row_replaced_through_columns_unique_together_is_gone(sqlite: Database) -> None:
    insert = "INTO integervalue (id, name, value, room_id)"
    await sqlite.one.run(f"INSERT {insert} VALUES (1, 'a', 1, NULL), (2, 'a', 2, 1)")
    await sqlite.one.run(f"REPLACE {insert} VALUES (3, 'a', 3, NULL), (4, 'a', 4, 1)")
    assert await sqlite.one.run("SELECT id FROM integervalue ORDER BY id") == [(3,), (4,)]
    assert sorted(await sqlite.happened(1)) == [("create", "2"), ("create", "4"), ("delete", "2")]
    board = [(change.action, change.pk) for change in await sqlite.log.after("intval-updates", 0, 10)]
    assert sorted(board) == [("create", "1"), ("create", "3"), ("delete", "1")]


async def test_an_insert_that_was_ignored_leaves_nothing_for_the_next_one(sqlite: Database) -> None:
    await sqlite.one.run(f"INSERT {INSERT} VALUES (7, 1, 'ann', 'hi', 'n')")
    await sqlite.one.run(f"INSERT OR IGNORE {INSERT} VALUES (8, 2, 'ann', 'ho', 'n')")
    await sqlite.one.run(f"INSERT {INSERT} VALUES (9, 2, 'ann', 'ho', 'm')")
    assert await sqlite.happened(1) == [("create", "7")]
    assert await sqlite.happened(2) == [("create", "9")]
