"""A copy that is made under load is of one moment, and pages that were open before are right after it is restored."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.app_server import AppServer
from tests.support.commands import Done, webapp
from tests.support.database_shell import Row, messages_sql, rows_of, shell
from tests.support.live_client import LiveClient
from tests.support.patience import eventually
from tests.support.postgres_server import PostgresServer


class World(NamedTuple):
    """A database. url: for the app. query: asks it as another program does."""

    url: str
    query: Callable[[str], list[list[str]]]

    def rows(self, label: str) -> list[Row]:
        """A room's messages."""
        return rows_of(self.query(messages_sql(label)))

    async def call(self, *arguments: str) -> str:
        """Run a command of the app's on this database; what it printed."""
        done = await asyncio.to_thread(webapp, *arguments, DATABASE_URL=self.url)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A database with the app's tables."""
    if request.param == "postgres":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        name = postgres.create_database(request.getfixturevalue("migrated"))
        return World(postgres.url(name), lambda sql: postgres.query(name, sql))
    file = tmp_path / "webapp.sqlite3"
    assert webapp("migrate", DATABASE_URL=f"sqlite://{file}").returncode == 0
    return World(f"sqlite://{file}", lambda sql: shell(file, sql))


@asynccontextmanager
async def serving(world: World, directory: Path) -> AsyncIterator[AppServer]:
    """A server on that database."""
    server = AppServer(directory / "server", {"DATABASE_URL": world.url, "BROADCAST_URL": "memory://"})
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def say(client: LiveClient, *texts: str) -> None:
    """Say these, and see each."""
    for text in texts:
        await client.say("ann", text)
        await client.until(lambda page, text=text: page.texts()[-1:] == [text])  # type: ignore[misc]


async def test_open_and_sleeping_pages_show_what_was_restored_and_all_that_comes_after(
    world: World, tmp_path: Path, room: str
) -> None:
    copy = tmp_path / "copy"
    async with (
        serving(world, tmp_path) as server,
        LiveClient(server.url, room, retry=0.3) as ann,
        LiveClient(server.url, room) as sleeper,
    ):
        await say(ann, "one", "two", "three")
        kept = world.rows(room)
        await world.call("backup", str(copy))
        await say(ann, "lost 1", "lost 2", "lost 3", "lost 4", "lost 5")
        await sleeper.until(lambda page: page.texts()[-1:] == ["lost 5"])
        await sleeper.drop()

        await world.call("restore", str(copy))

        assert world.rows(room) == kept
        await ann.until(lambda page: page.texts() == ["one", "two", "three"])
        # As many as were lost: the log would come past the sleeper's cursor with other changes.
        await say(ann, *(f"new {number}" for number in range(9)))
        await sleeper.reconnect()
        await sleeper.until(lambda page: page.texts() == ann.page.texts())
        async with LiveClient(server.url, room) as fresh:
            assert fresh.page.texts() == ann.page.texts() == [row.text for row in world.rows(room)]
            await say(fresh, "all together")
            for client in (ann, sleeper):
                await client.until(lambda page: page.texts()[-1] == "all together")


async def test_a_copy_made_under_load_is_of_one_moment(world: World, tmp_path: Path, room: str) -> None:
    copy = tmp_path / "copy"
    async with serving(world, tmp_path) as server, LiveClient(server.url, room) as ann:
        await say(ann, "first")

        async def talk() -> None:
            for number in range(10_000):
                await say(ann, f"word {number}")

        talking = asyncio.create_task(talk())
        await world.call("backup", str(copy))
        taken = len(world.rows(room))
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking
        everything = world.rows(room)
        await ann.drop()
    assert taken > 1
    await world.call("restore", str(copy))
    restored = world.rows(room)
    assert restored
    assert restored == everything[: len(restored)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    done = webapp("check", DATABASE_URL=world.url)
    assert done.returncode == 0, done.stdout


async def test_a_copy_restores_into_an_empty_database(
    world: World, request: pytest.FixtureRequest, tmp_path: Path, room: str
) -> None:
    async with serving(world, tmp_path) as server, LiveClient(server.url, room) as ann:
        await say(ann, "one", "two")
    await world.call("backup", str(tmp_path / "copy"))
    if world.url.startswith("sqlite"):
        other = World(
            f"sqlite://{tmp_path / 'new' / 'b.sqlite3'}", lambda sql: shell(tmp_path / "new" / "b.sqlite3", sql)
        )
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        name = postgres.create_database()
        other = World(postgres.url(name), lambda sql: postgres.query(name, sql))
    await other.call("restore", str(tmp_path / "copy"))
    assert other.rows(room) == world.rows(room)


def test_the_owner_of_a_database_needs_no_more_rights_to_copy_and_restore_it(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    name = postgres.create_database()
    postgres.query(name, "DROP ROLE IF EXISTS copyist; CREATE ROLE copyist LOGIN")
    postgres.query("postgres", f"ALTER DATABASE {name} OWNER TO copyist")
    url = postgres.url(name).replace("postgres@", "copyist@")
    assert webapp("migrate", DATABASE_URL=url).returncode == 0
    postgres.query(name, "INSERT INTO room (name, label) VALUES ('Tea', 'tea')")
    assert webapp("backup", str(tmp_path / "copy"), DATABASE_URL=url).returncode == 0
    postgres.query(name, "DELETE FROM room")
    done = webapp("restore", str(tmp_path / "copy"), DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert postgres.query(name, "SELECT label FROM room") == [["tea"]]
    assert webapp("check", DATABASE_URL=url).returncode == 0


def refused(done: Done) -> str:
    """The one line with which a command was refused."""
    assert done.returncode == 1, done
    (line,) = done.stderr.splitlines()
    return line


def test_what_is_no_copy_leaves_the_database_as_it_was(world: World, tmp_path: Path) -> None:
    world.query("INSERT INTO room (name, label) VALUES ('Tea', 'tea')")
    (tmp_path / "text").write_text("this is no copy " * 1000)
    with closing(sqlite3.connect(tmp_path / "other")) as other, other:
        other.execute("CREATE TABLE something (else_ TEXT)")
    for name in ("text", "other", "missing"):
        assert name in refused(webapp("restore", str(tmp_path / name), DATABASE_URL=world.url)) or name != "missing"
        assert world.query("SELECT label FROM room") == [["tea"]]


def test_a_copy_onto_the_database_itself_and_into_no_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "webapp.sqlite3"
    url = f"sqlite://{file}"
    assert webapp("migrate", DATABASE_URL=url).returncode == 0
    assert "itself" in refused(webapp("backup", str(file), DATABASE_URL=url))
    assert "cannot be made" in refused(webapp("backup", str(tmp_path / "none" / "copy"), DATABASE_URL=url))
    assert "no database" in refused(webapp("backup", str(tmp_path / "copy"), DATABASE_URL=f"{url}.none"))
    assert not (tmp_path / "webapp.sqlite3.none").exists()


def test_the_password_of_a_postgresql_is_in_no_argument(tmp_path: Path) -> None:
    done = webapp("backup", str(tmp_path / "copy"), DATABASE_URL="postgres://ann:hush@127.0.0.1:1/none")
    assert "hush" not in refused(done)
    assert re.search(r"pg_dump ended with 1: .*refused", done.stderr)


async def test_the_last_copy_is_whole_until_the_next_one_is(world: World, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    await world.call("backup", str(copy))
    first = copy.stat().st_ino
    await world.call("backup", str(copy))
    assert copy.stat().st_ino != first
    await eventually(lambda: sorted(path.name for path in tmp_path.glob(".copy-*")) == [])
