"""Requests that arrive while the one before has no answer yet, given to the protocol by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from uvicorn.server import ServerState

from webapp import server
from webapp.protocols.connection import Connection
from webapp.protocols.http import BoundedHttpProtocol


class Held:
    """A connection whose app answers a request with its path, once it may."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.may_answer = asyncio.Event()
        self.asked: list[str] = []
        self.protocol: BoundedHttpProtocol

    async def app(self, scope: dict[str, Any], _receive: object, send: Any) -> None:
        self.asked.append(scope["path"])
        await self.may_answer.wait()
        body = scope["path"].encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answers(self, count: int) -> list[str]:
        """The bodies of that many answers."""
        bodies = []
        async with asyncio.timeout(10):
            for _ in range(count):
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                bodies.append((await self.reader.readexactly(length)).decode())
        return bodies


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    found: Held
    connections: list[Connection] = []

    async def app(scope: dict[str, Any], receive: object, send: Any) -> None:
        await found.app(scope, receive, send)

    def connection() -> Connection:
        connections.append(Connection(config, state, {}))
        return connections[-1]

    state = ServerState()
    config = server.config(app, "127.0.0.1", 0)
    config.load()
    listening = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    found = Held(*await asyncio.open_connection("127.0.0.1", listening.sockets[0].getsockname()[1]))
    found.writer.write(request("/1"))
    async with asyncio.timeout(10):
        while not found.asked:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    protocol = connections[0]._protocol
    assert isinstance(protocol, BoundedHttpProtocol)
    found.protocol = protocol
    yield found
    found.writer.close()
    await found.writer.wait_closed()
    listening.close()
    await asyncio.sleep(0.05)  # the server's end closes, too


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


async def test_data_that_arrives_behind_held_data_is_parsed_after_it(held: Held) -> None:
    # A loop may still give what it had read before the protocol asked it to stop.
    second, third = request("/2"), request("/3")
    for piece in (second[:7], second[7:] + third[:-3], third[-3:]):
        held.protocol.data_received(piece)
    await asyncio.sleep(0.05)
    assert held.asked == ["/1"]
    assert not held.protocol.can_read
    held.may_answer.set()
    assert await held.answers(3) == ["/1", "/2", "/3"]
    # What was held has been let go, so the connection goes on.
    held.writer.write(request("/4"))
    assert await held.answers(1) == ["/4"]
