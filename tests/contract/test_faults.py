"""Two processes, and what breaks beneath them: nothing accepted is lost or doubled, and no page has to be loaded anew.

Each fault is tried where it differs most; FAULTS=all in the environment tries it wherever there is such a thing.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

import pytest

from tests.contract.crowd import Crowd, wrong_in
from tests.contract.crowd_member import CrowdMember
from tests.contract.deployment import Deployment
from tests.contract.disorder import Disorder
from tests.contract.onlookers import onlookers
from tests.contract.stalled_client import StalledClient
from tests.contract.strict import StrictPage
from tests.support.app_server import ROOT, AppServer
from tests.support.patience import PATIENCE, eventually, within
from tests.support.ports import free_port
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

SQLITE, REDIS, POSTGRES = "sqlite+memory", "postgres+redis", "postgres+postgres"

# Bounds for a machine that is not busy: `within` makes them what they are on one that is.

RELAY_DOWN = 2.5
"""Seconds until a message is on every page while there is no relay: the poll looks every 0.5 seconds."""

DATABASE_BACK = 8.0
"""Seconds until a message is on every page, from when the database takes connections again."""

PROCESS_BACK = 5.0
"""Seconds until a message is on every page, from when a new process answers: its readers wait before they return."""

EVERY = os.environ.get("FAULTS") == "all"

READERS, OUTAGE = (100, 10.0) if EVERY else (64, 5.0)
"""How many there are, and seconds that what fails stays away."""

HOUR = 3600

SHOUTS = 450
"""Of 7 KB each."""

AFTER = 15
"""Frames that every page takes after the fault, before everybody falls silent."""

ENOUGH = 100
"""Frames on every page where few readers make that cheap: a mistake that is made once in a hundred has to show."""

Deploy = Callable[..., Deployment]


def cells(default: tuple[str, ...], *others: str) -> pytest.MarkDecorator:
    """The pairings that a fault is tried on: `default`, and with FAULTS=all the `others` too."""
    return pytest.mark.parametrize("pairing", [*default, *(others if EVERY else ())])


@pytest.fixture
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Deploy:
    """`deploy(pairing, NAME=value, …)` gives two processes with that environment, not yet started."""

    def made(pairing: str, **env: str) -> Deployment:
        if pairing == SQLITE:
            return Deployment(tmp_path, env)
        postgres: PostgresServer = request.getfixturevalue("postgres")
        name = postgres.create_database(request.getfixturevalue("migrated"))
        redis = request.getfixturevalue("redis").url if pairing == REDIS else ""
        return Deployment(tmp_path, {"DATABASE_URL": postgres.url(name), "BROADCAST_URL": redis, **env}, postgres, name)

    return made


@asynccontextmanager
async def talking(
    deployment: Deployment, room: str, readers: int = READERS, browse: bool = False
) -> AsyncIterator[Crowd]:
    """A crowd that talks during the block; after it everything has to have come right.

    browse: two windows of a browser are among them, one at each process.
    """
    servers = deployment.servers if browse else []
    try:
        await deployment.start()
        async with onlookers(servers, room) as some, Crowd(deployment, room, 7, readers) as crowd:
            print(f"settled in: {await crowd.fresh():.2f} s")
            await some.show(crowd.accepted[-1])
            yield crowd
            if crowd.talks:
                await crowd.talk_on(AFTER)
            rows = await crowd.settle()
            print(f"{len(rows)} messages, {min(each.page.steps for each in crowd.readers)} frames at least")
            assert not wrong_in(rows, crowd.accepted), wrong_in(rows, crowd.accepted)
            assert len(rows) > 10
            await some.settle(rows)
    finally:
        await deployment.stop()
    for server in deployment.servers:
        server.check()


async def arrives(crowd: Crowd, bound: float, what: str, since: float | None = None) -> None:
    before = within(bound)
    took = await crowd.fresh(since)
    allowed = max(before, within(bound))
    print(f"{what}: {took:.2f} s, of {allowed:.2f}")
    assert took < allowed, f"{what}: {took:.2f} s, not {allowed:.2f}"


def untouched(crowd: Crowd) -> None:
    """Who did not drop the connection has it still."""
    again = [each.codes for each in crowd.steady if each.opened != 1]
    assert not again, f"{len(again)} of {len(crowd.steady)} sockets were lost, closed with {again[:3]}"


@contextmanager
def silent() -> Iterator[int]:
    """The port of a listener that accepts and never answers."""
    with socket.create_server(("127.0.0.1", free_port()), backlog=100) as listener:
        yield listener.getsockname()[1]


@cells((REDIS,))
async def test_redis_is_killed(deploy: Deploy, redis: RedisServer, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room, browse=True) as crowd:
        await asyncio.to_thread(redis.kill9)
        began = time.monotonic()
        await arrives(crowd, RELAY_DOWN, "while Redis is away")
        await asyncio.sleep(max(0, OUTAGE - (time.monotonic() - began)))
        await asyncio.to_thread(redis.start)
        await arrives(crowd, RELAY_DOWN, "after Redis came back")
        await the_relay_is_back(deployment)
        untouched(crowd)
    assert deployment.outages() == [1, 1]


@cells((REDIS,))
async def test_redis_closes_its_connections(deploy: Deploy, redis: RedisServer, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room) as crowd:
        assert await asyncio.to_thread(redis.kill_clients, "pubsub") == 2
        await arrives(crowd, RELAY_DOWN, "after the subscriptions were closed")
        await the_relay_is_back(deployment)
        await asyncio.to_thread(redis.kill_clients, "normal")
        await arrives(crowd, RELAY_DOWN, "after the other connections were closed")
        await the_relay_is_back(deployment)
        untouched(crowd)
    assert all(1 <= times <= 2 for times in deployment.outages()), deployment.outages()


@cells((REDIS,))
async def test_redis_is_frozen(deploy: Deploy, redis: RedisServer, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room) as crowd:
        redis.freeze()
        try:
            await arrives(crowd, RELAY_DOWN, "just after Redis froze")
            await asyncio.sleep(OUTAGE)
            await arrives(crowd, RELAY_DOWN, "while Redis is frozen")
        finally:
            redis.thaw()
        await arrives(crowd, RELAY_DOWN, "after Redis thawed")
        await the_relay_is_back(deployment)
        untouched(crowd)
    assert deployment.outages() == [1, 1]


@cells((REDIS,))
@pytest.mark.parametrize("kind", ["nobody listens", "nobody answers"])
async def test_the_relay_is_deaf_from_the_start(deploy: Deploy, pairing: str, room: str, kind: str) -> None:
    with silent() as port:
        url = f"redis://127.0.0.1:{port if kind == 'nobody answers' else free_port()}"
        deployment = deploy(pairing, BROADCAST_URL=url)
        async with talking(deployment, room) as crowd:
            await arrives(crowd, RELAY_DOWN, kind)
            await asyncio.sleep(2)
            await arrives(crowd, RELAY_DOWN, kind)
            untouched(crowd)
        assert deployment.outages() == [1, 1]


@cells((REDIS,))
async def test_the_relay_brings_everything_late_twice_and_in_another_order(
    deploy: Deploy, redis: RedisServer, pairing: str, room: str
) -> None:
    async with Disorder(redis.port, 5) as disorder:
        deployment = deploy(pairing, BROADCAST_URL=disorder.url)
        async with talking(deployment, room) as crowd:
            await crowd.talk_on(40)
            await arrives(crowd, RELAY_DOWN, "over a disorderly relay")
            untouched(crowd)
        print(f"{disorder.overtaken} messages of the relay were overtaken, {disorder.repeated} came again")
    assert min(disorder.overtaken, disorder.repeated) > 20


@cells((POSTGRES,))
async def test_the_listening_connections_are_ended(
    deploy: Deploy, postgres: PostgresServer, pairing: str, room: str
) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room) as crowd:
        assert await asyncio.to_thread(postgres.terminate_listeners, deployment.database) == 2
        await arrives(crowd, RELAY_DOWN, "after the listening connections were ended")
        await the_relay_is_back(deployment)
        untouched(crowd)
    assert deployment.outages() == [1, 1]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
@cells((POSTGRES,), REDIS)
async def test_postgres_is_restarted(
    deploy: Deploy, postgres: PostgresServer, pairing: str, room: str, mode: Literal["fast", "immediate"]
) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room, browse=True) as crowd:
        await asyncio.to_thread(postgres.stop, mode)
        await asyncio.sleep(3)
        await asyncio.to_thread(postgres.start)
        await arrives(crowd, DATABASE_BACK, "after PostgreSQL came back", time.monotonic())
        untouched(crowd)
        refusals = {text for each in crowd.talkers for text in each.refused}
        assert refusals <= {"The server is very busy, and your message was not sent. Try again in a moment."}
    # Each refused message and page has its line; what goes on by itself is not told again and again.
    told = [line for line in deployment.warnings() if not re.search(r"webapp\.(chat\.saying|web\.pages)", line)]
    assert len(told) < 20, told


@cells((POSTGRES,), REDIS)
async def test_postgres_is_frozen(deploy: Deploy, postgres: PostgresServer, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room) as crowd:
        await asyncio.to_thread(postgres.freeze)
        await asyncio.sleep(6)
        await asyncio.to_thread(postgres.thaw)
        await arrives(crowd, DATABASE_BACK, "after PostgreSQL thawed", time.monotonic())
        untouched(crowd)


@cells((SQLITE, REDIS), POSTGRES)
async def test_a_process_is_killed_and_replaced(deploy: Deploy, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room, browse=True) as crowd:
        await asyncio.to_thread(deployment.servers[0].kill9)
        await asyncio.sleep(2)
        await asyncio.to_thread(deployment.servers[0].start)
        await arrives(crowd, PROCESS_BACK, "after a new process answered")


@cells((SQLITE, POSTGRES), REDIS)
async def test_both_processes_are_replaced_in_turn(deploy: Deploy, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room, browse=True) as crowd:
        for number, server in enumerate(deployment.servers):
            process = server._process
            assert process is not None
            await asyncio.to_thread(server.stop, within(10))
            assert process.returncode == 0
            closed = [each.codes for each in crowd.steady[number::2]]
            await asyncio.to_thread(server.start)
            assert closed == [[1012]] * len(closed), closed
            await arrives(crowd, PROCESS_BACK, "after a new process answered")


@cells((REDIS,), SQLITE, POSTGRES)
async def test_a_reader_is_frozen(deploy: Deploy, pairing: str, room: str) -> None:
    deployment = deploy(pairing)
    async with talking(deployment, room, 16) as crowd:
        server = deployment.servers[0]
        page = StrictPage((await crowd.readers[0].http.get(f"/{room}/")).text)
        with StalledClient(f"{server.ws_url}/{room}/live") as frozen:
            frozen.send(action="resume", cursor=page.cursor)
            before = crowd.readers[0].page.steps
            await shout(crowd, SHOUTS)
            await arrives(crowd, RELAY_DOWN, "beside a frozen reader")
            rows = await crowd.settle()
            await asyncio.to_thread(frozen.read_until, f'value="{crowd.readers[0].page.cursor}"')
            # What the network itself keeps for who does not read proves nothing.
            assert sum("message-" in text for text in frozen.texts) < crowd.readers[0].page.steps - before
        for text in frozen.texts:
            page.apply(text)
        head = await deployment.head(room)
        assert not page.wrong_with(rows, head), page.wrong_with(rows, head)[:300]
        untouched(crowd)


@cells((REDIS,), SQLITE, POSTGRES)
async def test_the_clock_of_a_process_jumps(deploy: Deploy, pairing: str, room: str, tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(__file__).parent / "clock"), str(ROOT)])
    deployment = deploy(pairing, PYTHONPATH=path, CLOCKS=str(tmp_path), RATE_LIMIT="100/5 seconds")
    jumping = deployment.servers[0]
    async with talking(deployment, room, 16) as crowd:
        for jump in (HOUR, -HOUR):
            (tmp_path / str(jumping.port)).write_text(str(jump))
            await is_wrong_by(jump, crowd.readers[0])
            await is_wrong_by(0, crowd.readers[1])
            await arrives(crowd, RELAY_DOWN, f"after a clock had jumped to {jump} s")
        await crowd.talk_on(ENOUGH)
        untouched(crowd)
        assert not any(each.refused for each in crowd.talkers)
    assert deployment.outages() == [0, 0]


async def is_wrong_by(seconds: int, reader: CrowdMember) -> None:
    """Wait until the reader's server tells a time that is wrong by so much; it looks at its clock once a second."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await reader.http.get("/healthz")
            told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
            if abs(told - time.time() - seconds) < 60:
                return
            await asyncio.sleep(0.1)


async def shout(crowd: Crowd, count: int) -> None:
    """Have somebody say so many long things at once, and wait until they are on every page."""
    voice = crowd.steady[-2]
    texts = [f"shout {number} " + "👋" * 1900 for number in range(count)]
    for number, text in enumerate(texts):
        await voice.say("loud", text, nonce=f"shout-{number}")
    crowd.accepted += texts
    await voice.until(lambda page: sum(message.handle == "loud" for message in page.messages()) == count)
    newest = voice.page.messages()[-1].id
    for each in crowd.readers:
        await each.until(lambda page: page.messages()[-1].id >= newest)


async def the_relay_is_back(deployment: Deployment) -> None:
    """Wait until as many outages have ended as began."""
    await eventually(
        lambda: all(server.log().count("the relay is back") == n for server, n in pairs(deployment)),
        lambda: deployment.warnings()[-5:],
    )


def pairs(deployment: Deployment) -> list[tuple[AppServer, int]]:
    return list(zip(deployment.servers, deployment.outages(), strict=True))
