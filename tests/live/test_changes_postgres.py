"""What only PostgreSQL has: TRUNCATE, which tells no trigger of its rows, and constraints at another time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import groupby

import pytest

from tests.live.test_changes import add
from tests.support.databases import EVERYTHING, Database, PostgresDatabases, opened
from tests.support.postgres_server import PostgresServer
from tests.support.things import BINDINGS, BoardThings, Thing
from webapp.app import bindings


@pytest.fixture
async def database(postgres: PostgresServer, migrated: str) -> AsyncIterator[Database]:
    async with opened(PostgresDatabases(postgres, migrated).migrated()) as found:
        await found.log.install([*bindings(), *BINDINGS])
        yield found


async def deleted(database: Database, group: str) -> list[tuple[str, str]]:
    """(stream, primary key) of the rows whose delete ends the group's log, in order."""
    changes = await database.log.after(group, 0, EVERYTHING)
    runs = [(action, list(run)) for action, run in groupby(changes, lambda change: change.action)]
    return [(change.stream, change.pk) for change in runs[-1][1]] if runs and runs[-1][0] == "delete" else []


async def test_truncate_deletes_each_row_in_its_group(database: Database) -> None:
    here, there = await add(database, "a", "b"), await add(database, "c", room=2)
    await database.one.run("TRUNCATE message")
    assert await deleted(database, "room:1") == [("chat", str(pk)) for pk in here]
    assert await deleted(database, "room:2") == [("chat", str(pk)) for pk in there]
    assert await deleted(database, "room:3") == []


async def test_truncate_of_the_rooms_cascades_to_every_binding(database: Database) -> None:
    (said,) = await add(database, "a")
    here, nowhere = await Thing.create(name="a", room_id=1), await Thing.create(name="b")
    await database.one.run("TRUNCATE room CASCADE")
    assert sorted(await deleted(database, "room:1")) == [("chat", str(said)), ("things", str(here.id))]
    assert await deleted(database, BoardThings.group) == [("board", str(nowhere.id))]


async def test_a_truncate_that_is_rolled_back_is_no_change(database: Database) -> None:
    await add(database, "a")
    await database.one.run("BEGIN")
    await database.one.run("TRUNCATE message")
    await database.one.run("ROLLBACK")
    assert [action for action, _ in await database.happened(1)] == ["create"]


async def test_what_comes_after_a_truncate_in_its_transaction_is_logged_after_it(database: Database) -> None:
    (pk,) = await add(database, "a")
    await database.one.run("BEGIN")
    await add(database, "b")
    await database.one.run("TRUNCATE message RESTART IDENTITY")
    (again,) = await add(database, "c")
    await database.one.run("COMMIT")
    assert again == pk
    assert [action for action, _ in await database.happened(1)] == ["create", "create", "delete", "delete", "create"]


async def test_truncate_of_an_empty_table_is_no_change(database: Database) -> None:
    await database.one.run("TRUNCATE message, item")
    assert await database.one.run("SELECT * FROM live_group") == []


NOW, LATER = "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"


@pytest.mark.parametrize(("first", "then"), [([NOW], []), ([], [NOW]), ([], [NOW, LATER]), ([NOW], [LATER]), ([], [])])
async def test_whenever_a_transaction_has_its_constraints_checked_each_of_its_changes_is_logged_once(
    database: Database, first: Sequence[str], then: Sequence[str]
) -> None:
    for statements, texts in ((["BEGIN", *first], "ab"), (then, "cd")):
        for statement in statements:
            await database.one.run(statement)
        for text in texts:
            await add(database, text)
    await database.one.run("COMMIT")
    assert [action for action, _ in await database.happened(1)] == ["create"] * 4


async def test_what_was_logged_before_a_rollback_to_a_savepoint_is_logged_at_the_commit(database: Database) -> None:
    await database.one.run("BEGIN")
    await add(database, "a")
    await database.one.run("SAVEPOINT s")
    await add(database, "b")
    await database.one.run("SET CONSTRAINTS ALL IMMEDIATE")
    await database.one.run("ROLLBACK TO s")
    await database.one.run("COMMIT")
    assert [action for action, _ in await database.happened(1)] == ["create"]


async def test_what_is_noted_after_a_rollback_to_a_savepoint_is_logged(database: Database) -> None:
    await database.one.run("BEGIN")
    await database.one.run("SAVEPOINT s")
    await add(database, "a")
    await database.one.run("ROLLBACK TO s")
    await add(database, "b")
    await database.one.run("COMMIT")
    assert [action for action, _ in await database.happened(1)] == ["create"]
