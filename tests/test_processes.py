"""What a deployment starts: what is refused and with which words, migrations, workers, and Redis over TLS."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import SERVE, AppServer
from tests.support.commands import webapp
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE, eventually, eventually_blocking
from tests.support.ports import free_port
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

MEMORY = {"BROADCAST_URL": "memory://"}
FILE = {"DATABASE_URL": "sqlite://never-made.sqlite3"}
NOWHERE = "postgres://postgres@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({**FILE, **MEMORY, "WEB_CONCURRENCY": "2"}, ("WEB_CONCURRENCY=2", "memory://", "redis://")),
        ({**FILE, "BROADCAST_URL": "redis://127.0.0.1:1"}, ("SQLite", "BROADCAST_URL", "postgres://")),
        ({**FILE, "REDIS_URL": "redis://127.0.0.1:1"}, ("SQLite", "postgres://")),
        ({"DATABASE_URL": "mysql://root:hush@127.0.0.1/none"}, ("DATABASE_URL=mysql://", "postgres://")),
        ({"DATABASE_URL": "postgres://"}, ("DATABASE_URL", "postgres://")),
        ({"DATABASE_URL": NOWHERE, "BROADCAST_URL": "kafka://:hush@127.0.0.1"}, ("BROADCAST_URL=kafka://", "redis://")),
        ({"DATABASE_URL": NOWHERE, "BROADCAST_URL": "redis"}, ("BROADCAST_URL", "redis://")),
        (
            {"DATABASE_URL": NOWHERE, "BROADCAST_URL": "rediss://127.0.0.1:1", "REDIS_TLS_VERIFY": "x"},
            ("REDIS_TLS_VERIFY=x", "on or off"),
        ),
        ({**FILE, "WEB_CONCURRENCY": "0"}, ("WEB_CONCURRENCY=0", "1")),
        ({**FILE, "PORT": "http"}, ("PORT=http", "65535")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_settings_that_cannot_work_are_refused_in_one_line(env: dict[str, str], words: tuple[str, ...]) -> None:
    done = webapp("serve", **env)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert all(word in line for word in words), line
    assert "hush" not in line


def test_a_database_that_is_not_there_is_told_in_one_line() -> None:
    for command in ("serve", "migrate"):
        done = webapp(command, DATABASE_URL=NOWHERE)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "the database cannot be used" in line, line


def test_serving_a_database_that_is_not_migrated_is_refused_with_the_command_to_run(postgres: PostgresServer) -> None:
    url = postgres.url(postgres.create_database())
    done = webapp("serve", DATABASE_URL=url, PORT=str(free_port()))
    assert done.returncode == 1
    assert "python -m webapp migrate" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_ten_migrations_at_once_all_succeed(postgres: PostgresServer) -> None:
    name = postgres.create_database()
    with ThreadPoolExecutor(10) as pool:
        all_done = list(pool.map(lambda _: webapp("migrate", DATABASE_URL=postgres.url(name)), range(10)))
    assert [done.returncode for done in all_done] == [0] * 10, [done.stderr[-300:] for done in all_done]
    assert postgres.query(name, "SELECT count(*) FROM live_schema") == [["1"]]


def test_a_stop_ends_with_success_and_twice_as_well(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with AppServer(tmp_path) as server:
            process = server._process
            assert process is not None
            process.send_signal(number)
            assert process.wait(PATIENCE) == 0
            server._process = None
        assert "Traceback" not in server.log()


async def test_a_worker_that_dies_is_replaced_and_its_readers_come_back(
    postgres: PostgresServer, migrated: str, tmp_path: Path, room: str
) -> None:
    env = {"DATABASE_URL": postgres.url(postgres.create_database(migrated)), "BROADCAST_URL": ""}
    server = AppServer(tmp_path, env, command=(*SERVE, "--workers", "2"))
    await asyncio.to_thread(server.start)
    try:
        async with reading(server, room) as readers:
            await all_show(readers, "before")
            before = workers(server.pid)
            assert len(before) == 2
            os.kill(before[0], signal.SIGKILL)
            await all_show(readers, "after")
            await asyncio.to_thread(wait_for_a_worker_in_place_of, before[0], server.pid)
            await all_show(readers, "at last")
    finally:
        process = server._process
        await asyncio.to_thread(server.stop)
    assert process is not None
    assert process.returncode == 0


@asynccontextmanager
async def reading(server: AppServer, room: str) -> AsyncIterator[list[LiveClient]]:
    """Twelve readers of one room, who open their sockets again when they are lost."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(LiveClient(server.url, room, retry=0.3)) for _ in range(12)]


async def all_show(readers: list[LiveClient], text: str) -> None:
    """One says it, with one nonce until it is there; all show it, once."""
    fields = {**readers[0].page.fields("composer"), "handle": "ann", "message": text}
    async with asyncio.timeout(PATIENCE):
        while text not in readers[0].page.texts():
            await readers[0].send(fields)
            with suppress(AssertionError):
                await readers[0].until(lambda page: text in page.texts(), 0.5)
    for reader in readers:
        await reader.until(lambda page: page.texts().count(text) == 1)


def workers(pid: int) -> list[int]:
    """The processes that the server `pid` has started to serve."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def wait_for_a_worker_in_place_of(dead: int, pid: int) -> None:
    """Raises AssertionError after PATIENCE."""
    eventually_blocking(lambda: len(now := workers(pid)) == 2 and dead not in now, lambda: workers(pid))


@pytest.fixture
def secure_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Redis over TLS, with a certificate that nobody else signed."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=redis"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    options = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"]
    with RedisServer([*options, "--tls-ca-cert-file", certificate]) as running:
        yield running


@pytest.mark.parametrize("verify", ["off", "on"])
async def test_a_self_signed_certificate_of_redis_is_trusted_only_when_told_to(
    postgres: PostgresServer, migrated: str, secure_redis: RedisServer, tmp_path: Path, room: str, verify: str
) -> None:
    database = postgres.url(postgres.create_database(migrated))
    env = {"DATABASE_URL": database, "BROADCAST_URL": secure_redis.url, "REDIS_TLS_VERIFY": verify}
    server = AppServer(tmp_path, env)
    await asyncio.to_thread(server.start)
    try:
        async with LiveClient(server.url, room) as ann:
            await ann.say("ann", "hi")
            await ann.until(lambda page: page.texts() == ["hi"])
            if verify == "on":
                await eventually(lambda: "the relay is down" in server.log(), server.log)
            else:
                # Nothing tells that it has heard itself; were it deaf, it would say so by now, if the machine is quick.
                await asyncio.sleep(2.5)
    finally:
        await asyncio.to_thread(server.stop)
    assert ("the relay is down" in server.log()) == (verify == "on"), server.log()[-500:]
    server.check()


async def test_while_the_database_is_away_nothing_breaks_and_nothing_is_said_twice(
    postgres: PostgresServer, migrated: str, tmp_path: Path, room: str
) -> None:
    env = {"DATABASE_URL": postgres.url(postgres.create_database(migrated)), "BROADCAST_URL": ""}
    server = AppServer(tmp_path, env)
    await asyncio.to_thread(server.start)
    try:
        async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
            await bob.until(lambda page: page.text_of("banner") == "")
            form = {**ann.page.fields("composer"), "handle": "ann", "message": "hi"}
            await asyncio.to_thread(postgres.stop)
            try:
                await is_told_that_it_is_busy(server, room)
                await ann.send(form)
                await ann.until(lambda page: bool(page.text_of("composer-error")))
                keeps_what_was_typed(ann.page, form)
                assert ann.connected
                assert bob.connected
            finally:
                await asyncio.to_thread(postgres.start)
            for _ in range(2):
                await ann.send(form)
            for each in (ann, bob):
                await each.until(lambda page: page.texts() == ["hi"])
            nonce = form["nonce"]
            await ann.until(lambda page: page.fields("nonce")["nonce"] != nonce)
            assert not ann.page.text_of("composer-error")
            await ann.load()
            assert ann.page.texts() == ["hi"]
    finally:
        await asyncio.to_thread(server.stop)
    server.check()


async def is_told_that_it_is_busy(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{server.url}/{room}/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Busy, or just restarting" in answer.text


def keeps_what_was_typed(page: PageModel, form: dict[str, str]) -> None:
    """The refusal says why, and gives back the text and the nonce."""
    assert "very busy" in page.text_of("composer-error")
    fields = page.fields("composer")
    assert fields["message"] == form["message"]
    assert fields["nonce"] == form["nonce"]
