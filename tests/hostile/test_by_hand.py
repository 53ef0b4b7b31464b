"""Bounds that need a server's inside to be seen: its connections in this process, with short deadlines."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from tests.hostile.attacks import BINARY, CHUNKED, CONTINUATION, FORM, GET, PING, PONG, TEXT, frame, post, upgrade
from webapp import server
from webapp.live.http.visitors import Visitors
from webapp.live.visitor import Visitor
from webapp.protocols import limits, table
from webapp.protocols.connection import Connection

MUCH = 16 * 1024 * 1024
"""Bytes that no kernel takes for a client that does not read."""
SOON = 0.2
"""Seconds of a deadline that a test awaits."""
PATIENCE = 20

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served:
    """An app behind the protocols, in this process.

    Attributes:
        state: What uvicorn's server knows of its connections.
        made: The connections that were accepted.
    """

    def __init__(self, app: App) -> None:
        self.state = ServerState()
        self.made: list[Connection] = []
        self._config = server.config(app, "127.0.0.1", 0)
        self._config.load()
        self._listening: asyncio.Server
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._make, "127.0.0.1", 0)

    def _make(self) -> Connection:
        self.made.append(Connection(self._config, self.state, {}))
        return self.made[-1]

    async def connect(self, data: bytes = b"") -> Streams:
        """Open a connection on which `data` is sent at once."""
        port = self._listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        self._writers.append(writer)
        writer.write(data)
        return reader, writer

    async def open(self) -> Streams:
        """Open a WebSocket."""
        reader, writer = await self.connect(upgrade("/"))
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return reader, writer

    def shut_down(self) -> None:
        """Tell every connection, as uvicorn does at SIGTERM."""
        for connection in list(self.state.connections):
            connection.shutdown()

    async def stop(self) -> None:
        self._listening.close()
        for writer in self._writers:
            writer.transport.abort()
        await until(lambda: not self.state.connections)
        for task in list(self.state.tasks):
            task.cancel()


@asynccontextmanager
async def served(app: App) -> AsyncIterator[Served]:
    """Serve `app` until the end of the block."""
    running = Served(app)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


async def until(is_so: Callable[[], object]) -> None:
    """Wait for what nothing tells of."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes before the end of the connection."""
    async with asyncio.timeout(PATIENCE):
        return await reader.read()


async def answer(send: Any, body: bytes = b"") -> None:
    """Answer a request with 200."""
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def silent(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def accepting(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept a WebSocket and read it; answer any request after its body."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    await answer(send)


async def writing_much(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send more than the client takes."""
    if scope["type"] == "http":
        await answer(send, b"x" * MUCH)
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": b"x" * MUCH})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"], autouse=True)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both loops that the app may run on."""
    return "asyncio", {"use_uvloop": request.param}


async def test_a_handshake_that_the_app_does_not_answer_is_answered_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HANDSHAKE_SECONDS", SOON)
    async with served(silent) as running:
        reader, _ = await running.connect(upgrade("/"))
        assert (await ended(reader)).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize("is_socket", [False, True])
async def test_a_connection_that_cannot_be_shut_down_in_order_does_not_keep_the_others_from_it(
    monkeypatch: pytest.MonkeyPatch, is_socket: bool
) -> None:
    def fail(self: object) -> None:
        raise AssertionError("as websockets did for a handshake that is not complete")

    async with served(accepting) as running:
        streams = [await (running.open() if is_socket else running.connect()) for _ in range(2)]
        await until(lambda: len(running.state.connections) == 2)
        monkeypatch.setattr(WebSocketsSansIOProtocol if is_socket else HttpToolsProtocol, "shutdown", fail)
        running.shut_down()
        await until(lambda: not running.state.connections)
        assert len(streams) == 2


@pytest.mark.parametrize("is_socket", [False, True])
async def test_a_client_that_does_not_read_cannot_keep_the_server_from_stopping(
    monkeypatch: pytest.MonkeyPatch, is_socket: bool
) -> None:
    monkeypatch.setattr(limits, "SHUTDOWN_SECONDS", SOON)
    async with served(writing_much) as running:
        _ = await (running.open() if is_socket else running.connect(GET))
        await until(lambda: running.made and running.made[0]._transport.get_write_buffer_size())
        running.shut_down()
        await until(lambda: not running.state.connections)


async def test_pings_are_not_read_while_their_answers_are_not() -> None:
    async with served(writing_much) as running:
        reader, writer = await running.open()
        await until(lambda: running.made[0]._transport.get_write_buffer_size())
        writer.write(frame(PING, b"first"))
        await until(lambda: not running.made[0]._protocol.can_read)
        writer.write(frame(PING, b"second"))
        async with asyncio.timeout(PATIENCE):
            await reader.readexactly(10 + MUCH)
            assert await reader.readexactly(7 + 8) == b"\x8a\x05first" + b"\x8a\x06second"


@pytest.mark.parametrize("is_socket", [False, True])
async def test_what_the_app_has_not_come_to_yet_stays_with_the_kernel(is_socket: bool) -> None:
    held: list[int] = []
    is_over = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await is_over.wait()
        else:
            await is_over.wait()
            await answer(send)

    async with served(app) as running:
        _, writer = await (running.open() if is_socket else running.connect())
        # None of their ends is the end of a read.
        writer.write((frame(TEXT, b"x" * 95) if is_socket else GET) * 2000)
        protocol: Any = running.made[0]._protocol
        await until(lambda: not protocol.can_read)
        for _ in range(20):
            await asyncio.sleep(0.01)
            held.append(len(protocol.queue._items or ()) * 101 if is_socket else len(protocol._unparsed))
        is_over.set()
        assert 0 < max(held) <= 3 * limits.READ_SIZE


async def test_a_socket_that_talks_on_after_the_goodbye_to_it_is_heard_no_more() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4403})

    async with served(app) as running:
        _, writer = await running.open()
        writer.write(frame(TEXT, b"x" * 2048) * 2 * limits.EMPTY_FRAMES.burst)
        protocol: Any = running.made[0]._protocol
        await until(lambda: protocol._discarded is not None)


REFUSED = {
    "a request": post("/", FORM, f"Content-Length: {limits.BODY_LIMIT + 1}"),
    "a chunked request": post("/", FORM, CHUNKED) + b"0\r\n" + b"X: y\r\n" * limits.BODY_LIMIT,
    "a socket": frame(PONG) * 2 * limits.EMPTY_FRAMES.burst,
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_client_that_was_refused_and_stays_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for other in ("HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(limits, other, 10 * PATIENCE)
    monkeypatch.setattr(limits, "LINGER_SECONDS", SOON)
    is_over = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        await is_over.wait()

    async with served(app) as running:
        reader, writer = await (running.open() if "socket" in name else running.connect())
        writer.write(REFUSED[name])
        assert await ended(reader)
        await until(lambda: not running.state.connections)
        is_over.set()


@pytest.mark.parametrize("name", REFUSED)
async def test_a_client_that_was_refused_and_goes_on_is_cut_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(limits, "LINGER_SECONDS", 10 * PATIENCE)
    async with served(accepting) as running:
        _, writer = await (running.open() if "socket" in name else running.connect())
        writer.write(REFUSED[name])

        async def pour() -> None:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(pour(), PATIENCE)
        await until(lambda: not running.state.connections)


@pytest.mark.parametrize("name", REFUSED)
async def test_what_a_refused_client_still_sends_is_discarded_while_it_reads_why(name: str) -> None:
    """Closed at once, the connection would be reset, and many clients would lose the answer."""
    async with served(accepting) as running:
        reader, writer = await (running.open() if "socket" in name else running.connect())
        writer.write(REFUSED[name])
        assert await ended(reader)
        protocol: Any = running.made[0]._protocol
        writer.write(b"x" * 100_000)
        counts = protocol if "socket" in name else protocol._farewell
        await until(lambda: counts._discarded >= 100_000)


LARGE = 100_000
HALVES = {
    "bodies": post("/", FORM, f"Content-Length: {2 * LARGE}") + b"x" * LARGE,
    "chunked bodies": post("/", FORM, CHUNKED) + (b"400\r\n" + b"x" * 1024 + b"\r\n") * (LARGE // 1024),
    "messages": frame(TEXT, b"x" * 2 * LARGE)[:LARGE],
    "fragments": frame(BINARY, b"x" * 2048, fin=False) + frame(CONTINUATION, b"x" * 2048, fin=False) * (LARGE // 2048),
}


@pytest.mark.parametrize("name", HALVES)
async def test_what_is_unfinished_is_bounded_for_all_together_and_given_back(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    is_socket = not HALVES[name].startswith(b"POST")
    monkeypatch.setattr(table, "HELD_LIMIT", 3 * LARGE // 2)
    async with served(accepting) as running:

        async def half() -> Streams:
            streams = await (running.open() if is_socket else running.connect())
            streams[1].write(HALVES[name])
            return streams

        def held() -> int:
            return running.made[0].table._held

        for _ in range(2):
            _, first = await half()
            _, second = await half()
            await until(lambda: held() > LARGE)
            refused, third = await half()
            told = await ended(refused)
            assert b"\x88\x15\x03\xf1" in told if is_socket else told.startswith(b"HTTP/1.1 503 ")
            for each in (first, second, third):
                each.close()
            await until(lambda: held() == 0)


async def test_a_finished_body_is_not_held_any_more() -> None:
    may_answer = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        await may_answer.wait()
        await answer(send)

    async with served(app) as running:
        reader, writer = await running.connect(HALVES["bodies"])
        await until(lambda: running.made and running.made[0].table._held)
        writer.write(b"x" * LARGE)
        await until(lambda: not running.made[0].table._held)
        may_answer.set()
        async with asyncio.timeout(PATIENCE):
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")


async def test_a_client_whose_body_the_app_does_not_read_yet_is_not_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", SOON)
    monkeypatch.setattr(limits, "BODY_PACE", 100 * LARGE)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asyncio.sleep(SOON + 2 * table.SWEEP_SECONDS)
        monkeypatch.undo()
        await accepting(scope, receive, send)

    async with served(app) as running:
        reader, _ = await running.connect(HALVES["bodies"] + b"x" * LARGE)
        async with asyncio.timeout(PATIENCE):
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")


async def test_trailers_do_not_reach_the_app() -> None:
    found: list[list[tuple[bytes, bytes]]] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        found.append(list(scope["headers"]))
        await answer(send)

    async with served(app) as running:
        reader, _ = await running.connect(
            post("/", FORM, CHUNKED, "Connection: close") + b"1\r\nx\r\n0\r\nX-Trailer: value\r\nCookie: a=b\r\n\r\n"
        )
        assert b" 200 " in await ended(reader)
    assert [name for name, _ in found[0]] == [b"host", b"content-type", b"transfer-encoding", b"connection"]


def test_what_nobody_signed_leaves_nothing_for_the_garbage_collector() -> None:
    """The frames of its error would hold the form that came with it."""
    visitors = Visitors("a secret that only tests know")
    gc.collect()
    gc.disable()
    try:
        for page in ("nonsense", "non.sense", visitors.page_of(Visitor("id", "guest")) + "x"):
            assert visitors.of_page(page) is None
        assert gc.collect() == 0
    finally:
        gc.enable()


async def test_of_those_over_the_cap_only_some_linger() -> None:
    few = table.ConnectionTable(1, 0, lambda address: False)
    assert all(few.add_lingerer() for _ in range(limits.LINGERERS))
    assert not few.add_lingerer()
    few.remove_lingerer()
    assert few.add_lingerer()


async def test_one_address_never_has_more_than_a_quarter_of_all() -> None:
    few = table.ConnectionTable(20, 1000, lambda address: False)
    assert [few.admit("192.0.2.1") for _ in range(6)].count(None) == 1
    assert few.admit("192.0.2.2")
