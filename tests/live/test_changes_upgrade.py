"""A log that a former version made: `install` gives it what it lacks, and keeps what stands in it."""

from __future__ import annotations

import pytest

from tests.live.test_changes import add
from tests.support.databases import Database
from webapp.app import bindings
from webapp.live.changelog.log import Change

FORMER = {
    "sqlite": [
        *(f"DROP TRIGGER live_chat_{name}" for name in ("insert", "delete", "update", "move")),
        *(f"DROP TRIGGER live_chat_{name}_{number}" for name in ("replacing", "replaced") for number in (0, 1)),
        "DROP TABLE live_replaced",
        "DROP TABLE live_change",
        "CREATE TABLE live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
        " pk TEXT NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,"
        " PRIMARY KEY (group_name, seq)) WITHOUT ROWID",
    ],
    "postgres": [
        "ALTER TABLE live_change DROP COLUMN fields",
        "ALTER TABLE live_pending DROP COLUMN fields",
    ],
}
"""From today's tables to those of the version that did not log columns."""


@pytest.fixture
async def former(database: Database) -> Database:
    """A database of the former version, with an update in its log."""
    for sql in FORMER[database.kind]:
        await database.one.run(sql)
    await database.one.run("INSERT INTO live_group (name, head) VALUES ('room:1', 5)")
    await database.one.run(
        "INSERT INTO live_change (group_name, seq, stream, pk, action) VALUES ('room:1', 5, 'chat', '7', 'update')"
    )
    await database.one.run("DELETE FROM live_schema")
    return database


async def test_it_goes_on_where_it_was_and_logs_columns(former: Database) -> None:
    assert not await former.log.is_installed(bindings())
    await former.log.install(bindings())
    assert await former.log.is_installed(bindings())
    (pk,) = await add(former, "hi")
    await former.one.run("UPDATE message SET message = 'ho'")
    assert await former.changes(1) == [
        Change(5, "chat", "7", "update"),
        Change(6, "chat", str(pk), "create"),
        Change(7, "chat", str(pk), "update", frozenset({"message"})),
    ]


async def test_it_is_upgraded_once(former: Database) -> None:
    for _ in range(3):
        await former.log.install(bindings())
    assert len(await former.changes(1)) == 1
