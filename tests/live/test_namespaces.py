"""Two apps on one database, each with a namespace: neither loses triggers, and each has the changes in its own log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from tests.live.test_changes import add
from tests.support.databases import EVERYTHING, Database
from tests.support.patience import PATIENCE
from tests.support.things import BoardThings, Odd, RoomThings
from webapp.app import bindings
from webapp.db import tortoise_config
from webapp.live.binding.binding import Binding
from webapp.live.binding.declaration_check import STREAM_LIMIT
from webapp.live.changelog.log import ChangeLog
from webapp.live.database import left_out, postgres_client, sqlite_client, unreadable_rows
from webapp.live.database.namespace import LIMIT, TABLES, Namespace, namespace_of

OTHER = "live_app"
"""A namespace that begins as the first one's names do."""

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgres": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


class Apps:
    """Two apps on one database; `log` is the first one's, whose namespace is `live`."""

    def __init__(self, database: Database, other: BaseDBAsyncClient) -> None:
        self.database = database
        self.one, self.other = database.log, ChangeLog(other, namespace=OTHER)
        self.client = other

    async def triggers(self) -> set[str]:
        """The names of all triggers that the database has."""
        return {name for (name,) in await self.database.one.run(TRIGGERS[self.database.kind])}

    async def happened(self, group: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """What each app's log says of a group: (stream, action) in order."""
        logs = [await log.after(group, 0, EVERYTHING) for log in (self.one, self.other)]
        one, other = ([(change.stream, change.action) for change in changes] for changes in logs)
        return one, other


def client_of(kind: str, url: str, namespace: str) -> BaseDBAsyncClient:
    """A connection of an app of that namespace."""
    credentials: dict[str, Any] = tortoise_config(url)["connections"]["default"]["credentials"]
    made: type[Any] = {"sqlite": sqlite_client.Client, "postgres": postgres_client.PostgresClient}[kind]
    client: BaseDBAsyncClient = made(connection_name="other", **{**credentials, "namespace": namespace})
    return client


@pytest.fixture
async def apps(database: Database) -> AsyncIterator[Apps]:
    client = client_of(database.kind, database.url, OTHER)
    await client.create_connection(with_db=True)
    try:
        yield Apps(database, client)
    finally:
        await client.close()


async def test_reinstalling_one_app_with_less_takes_nothing_from_the_other(apps: Apps) -> None:
    things = [BoardThings(), RoomThings()]
    await apps.one.install([*bindings(), *things])
    await apps.other.install([*bindings(), *things])
    both = await apps.triggers()
    chat = [one for one in bindings() if one.stream == "chat"]
    await apps.one.install(chat)
    left = await apps.triggers()
    ours, theirs = Namespace(), Namespace(OTHER)
    assert {name for name in left if theirs.owns(name)} == {name for name in both if theirs.owns(name)}
    assert {name for name in left if ours.owns(name)} < {name for name in both if ours.owns(name)}
    assert await apps.other.is_installed([*bindings(), *things])
    assert await apps.one.is_installed(chat)
    await add(apps.database, "hi")
    await apps.database.one.run("INSERT INTO item (id, name, value, room_id, sort) VALUES (1, 'a', 1, 1, 'x')")
    await apps.database.one.run("DELETE FROM message")
    one, other = await apps.happened("room:1")
    assert one == [("chat", "create"), ("chat", "delete")]
    assert other == [("chat", "create"), ("things", "create"), ("chat", "delete")]


async def test_an_app_that_is_uninstalled_leaves_the_other_whole(apps: Apps) -> None:
    await apps.other.install(bindings())
    await apps.other.install([])
    await add(apps.database, "hi")
    assert await apps.happened("room:1") == ([("chat", "create")], [])
    await apps.other.install(bindings())
    await apps.one.install([])
    await add(apps.database, "ho")
    assert await apps.happened("room:1") == ([("chat", "create")], [("chat", "create")])


async def test_a_stream_that_spells_the_other_namespace_is_no_trigger_of_it(apps: Apps) -> None:
    class App(RoomThings):
        stream = "app_things"

    await apps.one.install([App()])
    await apps.other.install([RoomThings()])
    await apps.one.install([App()])
    await apps.database.one.run("INSERT INTO item (id, name, value, room_id, sort) VALUES (1, 'a', 1, 1, 'x')")
    assert await apps.happened("room:1") == ([("app_things", "create")], [("things", "create")])


async def test_each_app_counts_and_prunes_for_itself(apps: Apps) -> None:
    await add(apps.database, "hi")
    await apps.other.install(bindings())
    await add(apps.database, "ho")
    head, other = await apps.one.head("room:1"), await apps.other.head("room:1")
    assert 0 not in (head, other)
    await apps.one.prune("room:1", head + 1000)
    assert await apps.happened("room:1") == ([], [("chat", "create")])
    assert await apps.other.heads(["room:1", "room:2"]) == {"room:1": other, "room:2": 0}


async def until_waiting(database: Database, count: int) -> None:
    """Wait until so many sessions of a PostgreSQL wait for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(PATIENCE):
        while True:
            if len(await database.log._connection.execute_query_dict(waiting)) == count:
                return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_commits_that_count_in_another_order_do_not_wait_for_each_other_crosswise(apps: Apps) -> None:
    await apps.one.install([*bindings(), RoomThings()])
    await apps.other.install(bindings())
    database = apps.database
    await add(database, "both groups are there")
    # Each commit stops when it has locked its first group, until the lock below is free.
    await database.one.run(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END'"
    )
    for namespace in ("live", OTHER):
        await database.one.run(
            f"CREATE TRIGGER hold BEFORE INSERT ON {namespace}_change FOR EACH ROW EXECUTE FUNCTION hold()"
        )
    # Both apps watch messages, and the other's trigger comes first by its name; things are the first one's alone.
    for session, tables in ((database.one, ["item", "message"]), (database.two, ["message"])):
        await session.run("BEGIN")
        for table in tables:
            values = "(room_id, name, sort, value) VALUES (1, 'a', 'x', 1)"
            message = "(room_id, handle, message) VALUES (1, 'ann', 'hi')"
            await session.run(f"INSERT INTO {table} {values if table == 'item' else message}")
    async with apps.client._in_transaction() as holding:
        await holding.execute_query("SELECT pg_advisory_xact_lock(1)")
        commits = [asyncio.create_task(session.run("COMMIT")) for session in (database.one, database.two)]
        await until_waiting(database, len(commits))
    await asyncio.gather(*commits)
    assert [len(log) for log in await apps.happened("room:1")] == [4, 3]


class Odds(Binding[Odd]):
    model = Odd
    stream = "odds"
    group = "room:{room_id}"
    fields = ("name", "at")
    template = "none.html"
    element = "odd"


async def test_a_row_that_cannot_be_read_comes_back_in_both_apps(apps: Apps) -> None:
    for log in (apps.one, apps.other):
        await log.install([Odds()])
    bad = "'20000-01-01'" if apps.database.kind == "postgres" else "'x'"
    for pk in (1, 2):
        await apps.database.one.run(f"INSERT INTO odd (id, name, at, room_id) VALUES ({pk}, 'bad', {bad}, 1)")
    assert set(left_out(await Odd.all().using_db(apps.client))) == {1, 2}
    noted = [("odds", "1"), ("odds", "2")]
    unreadable = "SELECT stream, pk FROM {}_unreadable ORDER BY pk"
    assert await apps.database.one.run(unreadable.format(OTHER)) == noted
    assert await apps.database.one.run(unreadable.format("live")) == []
    assert list(left_out(await Odd.filter(id=1))) == [1]
    assert await apps.database.one.run(unreadable.format("live")) == noted[:1]
    await apps.database.one.run("UPDATE odd SET at = NULL")
    one, other = await apps.happened("room:1")
    assert one[2:] == [("odds", "create"), ("odds", "update")]
    assert other[2:] == [("odds", "create"), ("odds", "create")]


async def test_a_transaction_has_the_namespace_of_its_connection(apps: Apps) -> None:
    await apps.other.install([Odds()])
    async with apps.client._in_transaction() as transaction:
        assert namespace_of(transaction) == Namespace(OTHER)
        assert await unreadable_rows.note(transaction, "odd", [7])
        async with transaction._in_transaction() as inner:
            assert namespace_of(inner) == Namespace(OTHER)
    assert await apps.database.one.run(f"SELECT stream, pk FROM {OTHER}_unreadable") == [("odds", "7")]
    assert not await unreadable_rows.note(apps.client, "odd", [7])


async def test_a_log_and_its_connection_have_to_agree(apps: Apps) -> None:
    with pytest.raises(ValueError, match='"other" has another one; write "namespace": "todo" in its credentials'):
        ChangeLog(apps.client, namespace="todo")
    with pytest.raises(ValueError, match='namespace = "live": the connection'):
        ChangeLog(apps.client)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *((name, "write a name of a-z, 0-9 and _") for name in ("", "Todo", "2do", "_todo", "to-do", "to do", "tödo")),
        *((name, "write a name of a-z, 0-9 and _") for name in ("todo\n", "to$do", 'to"do', "to.do")),
        ("t" * (LIMIT + 1), f"write at most {LIMIT} characters"),
        *((name, "the database keeps this name for itself") for name in ("sqlite", "sqlite_todo", "plpgsql")),
    ],
)
def test_what_cannot_be_a_namespace_is_refused_in_words(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Namespace(name)
    with pytest.raises(ValueError, match=said):
        client_of("sqlite", "sqlite://nowhere.sqlite3", name)


def test_the_longest_names_are_whole_in_postgresql() -> None:
    longest = Namespace("t" * LIMIT)
    names = [longest.own(f"{'s' * STREAM_LIMIT}_truncate"), longest.own("commit"), longest.noted, longest.channel]
    names += [f"{longest.name}_{table}_pkey" for table in TABLES]
    assert max(len(name.encode()) for name in names) == 63


def test_no_two_namespaces_share_a_name() -> None:
    namespaces = [Namespace(name) for name in ("live", "live_app", "live_app_x", "app", "a", "live_group")]
    streams = ("chat", "app_chat", "app", "x_chat", "commit", "group")
    names = [
        [namespace.own(f"{stream}_{event}") for stream in streams for event in ("insert", "gone")]
        + [f"{namespace.name}_{table}" for table in TABLES]
        + [namespace.own("commit"), namespace.own("note"), namespace.noted]
        for namespace in namespaces
    ]
    together = [name for each in names for name in each]
    assert len(set(together)) == len(together)
    for namespace, own in zip(namespaces, names, strict=True):
        triggers = own[: len(streams) * 2]
        assert [name for name in together if namespace.owns(name) and name.endswith(("_insert", "_gone"))] == triggers


def test_a_text_of_several_lines_in_a_declaration_stays_as_it_is() -> None:
    text = "'one\n  ''two''\n--three {text} {live_change}'"
    made = Namespace().sql("SELECT (\n    SELECT {text} -- it's\n        AND {text}\n)", text=text)
    assert made == f"SELECT (\n    SELECT {text} -- it's\n        AND {text}\n)"
