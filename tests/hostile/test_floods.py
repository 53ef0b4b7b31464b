"""Floods from one address: a room beside talks on, memory stays bounded, and nothing is an error of the server."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager

import pytest

from tests.hostile.attacks import frame, upgrade
from tests.hostile.beside import probed, resident
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient

ELSEWHERE = "127.0.0.9"
"""The address of the flood. Those who talk beside it come from another one."""
GROWTH = 60 * 1024
"""KiB that a flood may add."""
P95 = 0.5
"""Seconds until a message beside a flood is shown, on a machine where the flood itself takes a core."""
AT_ONCE = 15.0
"""Seconds until it is shown while the frames are parsed that came over hundreds of sockets at the same moment."""

HALF_OPEN, SOCKETS, VISITS, FRAMES = 300, 2000, 10_000, 100_000
ADDRESS_CAP, ROOMS_CAP = 1000, 200
MALFORMED = (b"{", b"[]", b'{"stream": 1}', b'{"stream": "chat", "action": {}}', b'{"stream": "no"}', b"null", b"")


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server that has to live through all floods."""
    with AppServer(tmp_path_factory.mktemp("flooded"), {"RATE_LIMIT": "10/5 seconds"}) as running:
        yield running
    running.check()


def connected(stack: ExitStack, server: AppServer) -> socket.socket:
    address = ("127.0.0.1", server.port)
    connection = stack.enter_context(socket.create_connection(address, 20, source_address=(ELSEWHERE, 0)))
    connection.settimeout(20)
    return connection


@asynccontextmanager
async def talking(server: AppServer, room: str, bound: float) -> AsyncIterator[Callable[[], int]]:
    """Two pages talk beside the flood; yields how many are in the room as they see it, and then looks at the delays."""
    delays: list[float] = []
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        stop = asyncio.Event()

        async def talk() -> None:
            while not stop.is_set():
                said = f"message {len(delays)}"
                began = time.monotonic()
                await ann.say("ann", said)
                await bob.until(lambda page, said=said: page.texts()[-1:] == [said])  # type: ignore[misc]
                delays.append(time.monotonic() - began)
                await asyncio.sleep(0.55)  # ten messages in five seconds are a visitor's limit

        talk_on = asyncio.create_task(talk())
        await bob.until(lambda page: len(page.texts()) >= 2)

        def here() -> int:
            found = re.search(r"\d+", bob.page.text_of("people-count"))
            return int(found[0]) if found else 0

        yield here
        stop.set()
        await talk_on
    p95 = sorted(delays)[int(len(delays) * 0.95)]
    print(f"p95 of {len(delays)} messages: {p95 * 1000:.0f} ms")
    assert p95 < bound


Flood = Callable[[AppServer, ExitStack], Awaitable[Counter[str]]]


async def half_open(server: AppServer, stack: ExitStack) -> Counter[str]:
    """Connections whose request never ends, a byte now and then."""
    opened = [connected(stack, server) for _ in range(HALF_OPEN)]
    for each in opened:
        each.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    for _ in range(4):
        await asyncio.sleep(0.5)
        for each in opened:
            each.sendall(b"x")
    return Counter(half_open=len(opened))


async def sockets(server: AppServer, stack: ExitStack) -> Counter[str]:
    """Sockets without end, none of which sends anything."""
    statuses: Counter[str] = Counter()
    for number in range(SOCKETS):
        connection = connected(stack, server)
        connection.sendall(upgrade("/flooded-room/live"))
        statuses[await asyncio.to_thread(status_of, connection)] += 1
        if number % 50 == 0:
            await asyncio.sleep(0)
    return statuses


async def visits(server: AppServer, stack: ExitStack) -> Counter[str]:
    """Requests that look like those of people who open the addresses of new rooms."""

    def visit(worker: int) -> Counter[str]:
        statuses: Counter[str] = Counter()
        connection = connected(stack, server)
        for number in range(VISITS // 4):
            connection.sendall(
                f"GET /flood-{worker}-{number}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Mode: navigate\r\n"
                "Sec-Fetch-Dest: document\r\n\r\n".encode()
            )
            statuses[status_and_body(connection)] += 1
        return statuses

    return sum(await asyncio.gather(*(asyncio.to_thread(visit, worker) for worker in range(4))), Counter())


async def malformed(server: AppServer, stack: ExitStack) -> Counter[str]:
    """Frames that mean nothing, over many sockets at once."""
    opened = []
    for _ in range(FRAMES // 200):
        opened.append(connected(stack, server))
        opened[-1].sendall(upgrade("/flooded-room/live"))
        assert await asyncio.to_thread(status_of, opened[-1]) == "101"
    burst = b"".join(frame(1, MALFORMED[number % len(MALFORMED)]) for number in range(200))
    for each in opened:
        await asyncio.to_thread(send_all, each, burst)
    await asyncio.sleep(2)
    return Counter(sent=len(opened) * 200)


def send_all(connection: socket.socket, data: bytes) -> None:
    # The server closes a socket that sends text which is no UTF-8.
    try:
        connection.sendall(data)
    except OSError:
        return


def status_of(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1)
        if not piece:
            return head[9:12].decode() or "closed"
        head += piece
    return head[9:12].decode()


def status_and_body(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    assert found is not None, head
    left = int(found[1]) - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 65536)))
    return head[9:12].decode()


@pytest.mark.timeout(280)
@pytest.mark.parametrize("flood", [half_open, sockets, visits, malformed], ids=lambda flood: flood.__name__)
async def test_a_room_beside_a_flood_talks_on(flooded: AppServer, room: str, flood: Flood) -> None:
    before = resident(flooded.pid)
    with probed(flooded) as probes, ExitStack() as stack:
        async with talking(flooded, room, AT_ONCE if flood is malformed else P95) as here:
            statuses = await flood(flooded, stack)
            # Nobody who only opens a socket is a person in a room.
            assert here() <= 2
    assert not probes.failed
    grown = probes.most_memory - before
    assert grown < GROWTH, f"{grown / 1024:.0f} MB more"
    print(statuses, f"{grown / 1024:.0f} MB more")
    assert not [status for status in statuses if status.startswith("5") and status != "503"]
    if flood is sockets:
        assert statuses["101"] <= ADDRESS_CAP
        assert statuses["101"] + statuses["503"] == SOCKETS
    if flood is visits:
        made = shell(flooded.database, "SELECT count(*) FROM room WHERE label LIKE 'flood-%'")
        # The sockets of another flood may have made one already.
        assert ROOMS_CAP - 1 <= int(made[0][0]) == statuses["200"] <= ROOMS_CAP
        assert statuses["429"] == VISITS - statuses["200"]
