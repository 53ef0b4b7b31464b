"""PostgreSQL as small plans give it: twenty connections in all, or a pgbouncer in front."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.live_client import LiveClient
from tests.support.pgbouncer_server import PgbouncerServer
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from webapp.app import bindings
from webapp.board.models import IntegerValue
from webapp.db import connected, is_current, migrate
from webapp.live.database.postgres_connect import CannotListen, Pooling, connect, pooling
from webapp.live.database.postgres_url import PostgresURL
from webapp.live.relay.backends import broadcast_for

PLAN = 20


@pytest.fixture(autouse=True)
def no_statements_of_another_database() -> Iterator[None]:
    """Tortoise keeps an INSERT by the connection's name, in the words of whichever database had that name first."""
    EXECUTOR_CACHE.clear()
    yield
    EXECUTOR_CACHE.clear()


@pytest.fixture(scope="module")
def plan() -> Iterator[PostgresServer]:
    """A PostgreSQL that takes PLAN connections, and a user `app` who gets none of those kept for administrators."""
    with PostgresServer() as server:
        server.query("postgres", f"ALTER SYSTEM SET max_connections = {PLAN}")
        server.query("postgres", "CREATE ROLE app LOGIN CREATEDB")
        server.restart()
        server.query("postgres", "CREATE DATABASE app OWNER app")
        yield server


@pytest.fixture(scope="module")
def url(plan: PostgresServer) -> str:
    """A migrated database on it."""
    found = plan.url("app").replace("postgres@", "app@")
    assert webapp("migrate", DATABASE_URL=found).returncode == 0
    return found


@pytest.fixture(scope="module")
def pooler(postgres: PostgresServer) -> Iterator[PgbouncerServer]:
    with PgbouncerServer(postgres) as running:
        yield running


@asynccontextmanager
async def serving(directory: Path, **env: str) -> AsyncIterator[AppServer]:
    server = AppServer(directory, env)
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)
    server.check()


@asynccontextmanager
async def others(url: str, count: int) -> AsyncIterator[list[asyncpg.Connection]]:
    """`count` connections of other programs."""
    taken = [await asyncpg.connect(url) for _ in range(count)]
    try:
        yield taken
    finally:
        for connection in taken:
            await connection.close()


async def ask_at_once(server: AppServer, count: int) -> list[int]:
    """The statuses of `count` pages that are asked for at the same moment."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=httpx.Limits(max_connections=count)) as http:
        return [answer.status_code for answer in await asyncio.gather(*(http.get("/plan/") for _ in range(count)))]


async def test_two_processes_leave_room_for_a_migration_on_a_plan_of_twenty(
    plan: PostgresServer, url: str, tmp_path: Path
) -> None:
    async with serving(tmp_path, DATABASE_URL=url, BROADCAST_URL="", WEB_CONCURRENCY="2") as server:
        assert set(await ask_at_once(server, 60)) == {200}
        used = int(plan.query("app", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")[0][0])
        assert used <= PLAN - 3 - 2
        done = await asyncio.to_thread(webapp, "migrate", DATABASE_URL=url)
        assert done.returncode == 0, done.stderr


async def test_pages_wait_for_each_other_where_others_have_taken_the_connections(url: str, tmp_path: Path) -> None:
    async with serving(tmp_path, DATABASE_URL=url, BROADCAST_URL="memory://", DATABASE_POOL="10") as server:
        assert await ask_at_once(server, 1) == [200]
        async with others(url, PLAN - 3 - 2):
            assert set(await ask_at_once(server, 60)) == {200}
        assert "PostgreSQL takes no more connections now" in server.log()


async def test_a_migration_waits_until_there_is_room(url: str) -> None:
    async with others(url, PLAN - 3) as taken:
        running = asyncio.create_task(asyncio.to_thread(webapp, "migrate", DATABASE_URL=url))
        for room in (1, 2):
            # Longer than a page would wait for its second connection. It cannot end before there is room for both.
            await asyncio.sleep(6)
            assert not running.done(), room
            await taken.pop().close()
        done = await running
    assert done.returncode == 0, done.stderr
    assert "PostgreSQL takes no more connections now" in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_limit_in_a_url_is_kept(plan: PostgresServer, url: str, tmp_path: Path) -> None:
    limited = f"{url}?connection_limit=2&application_name=limited"
    async with serving(tmp_path, DATABASE_URL=limited, BROADCAST_URL="memory://") as server:
        assert set(await ask_at_once(server, 50)) == {200}
        found = plan.query("app", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'limited'")
        assert int(found[0][0]) <= 2


async def test_what_is_between_is_found_out(postgres: PostgresServer, pooler: PgbouncerServer) -> None:
    for server, expected in ((postgres, Pooling.NONE), (pooler, Pooling.TRANSACTION)):
        assert await pooling(PostgresURL.parse(server.url("postgres")), 10) is expected
    with PgbouncerServer(postgres, "session") as session:
        assert await pooling(PostgresURL.parse(session.url("postgres")), 10) is Pooling.NONE
    with PgbouncerServer(postgres, size=1) as narrow:
        assert await pooling(PostgresURL.parse(narrow.url("postgres")), 10) is Pooling.TRANSACTION


@pytest.mark.parametrize("options", ["", "?pgbouncer=true", "?pgbouncer=true&sslmode=prefer&statement_cache_size=0"])
async def test_many_statements_at_once_through_pgbouncer_give_what_was_asked(
    postgres: PostgresServer, pooler: PgbouncerServer, migrated: str, options: str
) -> None:
    url = pooler.url(postgres.create_database(migrated), options)
    async with connected(url, 10) as one:
        await asyncio.gather(*(IntegerValue.create(name=f"value {number}", value=number) for number in range(100)))
        found = await asyncio.gather(*(IntegerValue.get(name=f"value {number}") for number in range(100)))
        counts = await asyncio.gather(*(IntegerValue.filter(value__lt=number).count() for number in range(100)))
        assert [value.value for value in found] == counts == list(range(100))
        assert len(await one.after("intval-updates", 0, 1000)) == 100


async def test_migrations_at_once_through_pgbouncer_all_succeed(
    postgres: PostgresServer, pooler: PgbouncerServer
) -> None:
    url = pooler.url(postgres.create_database())
    done = await asyncio.gather(*(asyncio.to_thread(webapp, "migrate", DATABASE_URL=url) for _ in range(3)))
    assert [one.returncode for one in done] == [0] * 3, done
    assert await is_current(url, bindings())
    # A lock that had stayed with a server connection would stop this one.
    await asyncio.wait_for(migrate(url, bindings()), 60)


async def test_two_processes_behind_pgbouncer_talk_over_redis(
    postgres: PostgresServer, pooler: PgbouncerServer, redis: RedisServer, migrated: str, tmp_path: Path, room: str
) -> None:
    url = pooler.url(postgres.create_database(migrated))
    env = {"DATABASE_URL": url, "BROADCAST_URL": redis.url}
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(serving(tmp_path / "one", **env))
        two = await stack.enter_async_context(serving(tmp_path / "two", **env))
        ann = await stack.enter_async_context(LiveClient(one.url, room))
        bob = await stack.enter_async_context(LiveClient(two.url, room))
        for number in range(20):
            await (ann, bob)[number % 2].say("ann", f"word {number}")
        for reader in (ann, bob):
            await reader.until(lambda page: len(page.messages()) == 20, timeout=30)


@pytest.mark.parametrize("options", ["", "?pgbouncer=true"])
def test_processes_that_could_not_ring_each_other_through_pgbouncer_are_refused(
    postgres: PostgresServer, pooler: PgbouncerServer, migrated: str, options: str
) -> None:
    url = pooler.url(postgres.create_database(migrated), options)
    done = webapp("serve", DATABASE_URL=url, WEB_CONCURRENCY="2", PORT="0")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "LISTEN" in line
    assert "BROADCAST_URL" in line


async def test_a_relay_that_would_hear_only_itself_does_not_connect(
    postgres: PostgresServer, pooler: PgbouncerServer
) -> None:
    for server, hears in ((pooler, False), (postgres, True)):
        broadcast = broadcast_for(server.url("postgres"))
        if hears:
            await broadcast.connect()
            await broadcast.disconnect()
        else:
            with pytest.raises(CannotListen):
                await broadcast.connect()


async def test_one_process_behind_pgbouncer_says_what_it_lacks_and_works(
    postgres: PostgresServer, pooler: PgbouncerServer, migrated: str, tmp_path: Path, room: str
) -> None:
    name = postgres.create_database(migrated)
    async with serving(tmp_path, DATABASE_URL=pooler.url(name), BROADCAST_URL="") as server:
        async with LiveClient(server.url, room) as ann:
            await ann.say("ann", "hello")
            await ann.until(lambda page: len(page.messages()) == 1, timeout=30)
            key = postgres.query(name, f"SELECT id FROM room WHERE label = '{room}'")[0][0]
            await asyncio.to_thread(
                postgres.query, name, f"INSERT INTO message (room_id, handle, message) VALUES ({key}, 'psql', 'hi')"
            )
            await ann.until(lambda page: len(page.messages()) == 2, timeout=30)
        assert "LISTEN hears nothing" in server.log()


@pytest.fixture(scope="module")
def authority(plan: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority that vouches for `plan`, which speaks TLS from now on."""
    folder = Path(plan.query("postgres", "SHOW data_directory")[0][0])
    key, certificate = folder / "tls.key", folder / "tls.crt"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=plan"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    owner = folder.stat()
    os.chown(key, owner.st_uid, owner.st_gid)
    for name, value in (("ssl_key_file", key), ("ssl_cert_file", certificate), ("ssl", "on")):
        plan.query("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
    plan.restart()
    copy = tmp_path_factory.mktemp("authority") / "root.crt"
    copy.write_bytes(certificate.read_bytes())
    return copy


@pytest.mark.parametrize(
    ("options", "encrypted"),
    [
        ("sslmode=require&channel_binding=require", True),
        ("sslmode=no-verify", True),
        ("ssl=true&target_session_attrs=read-write", True),
        ("sslmode=verify-full&sslrootcert={authority}", True),
        ("sslmode=disable", False),
        ("sslmode=verify-full&sslrootcert=system", None),
        ("sslmode=verify-full", None),
    ],
)
async def test_tls_is_what_the_url_asks_for(
    url: str, authority: Path, options: str, encrypted: bool | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # No certificates of this user's own have a say.
    monkeypatch.setenv("HOME", str(tmp_path))
    found = f"{url}?{options.format(authority=authority)}"
    if encrypted is None:
        with pytest.raises((ssl.SSLError, asyncpg.InterfaceError)):
            await connect(PostgresURL.parse(found).connecting, patience=0)
        done = webapp("migrate", DATABASE_URL=found, HOME=str(tmp_path))
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "certificate" in line
        return
    connection = await connect(PostgresURL.parse(found).connecting, patience=0)
    try:
        query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert await connection.fetchval(query) is encrypted
    finally:
        await connection.close()
