"""Bytes that the server reads of one connection in one turn of the event loop, on the loop that the app runs on."""

from __future__ import annotations

import asyncio
from itertools import groupby

import pytest
import uvloop
from uvicorn.server import ServerState

from tests.hostile.attacks import FORM, connected, post
from webapp import server
from webapp.protocols.connection import Connection
from webapp.protocols.http import BoundedHttpProtocol
from webapp.protocols.limits import BODY_LIMIT, READ_SIZE

SENT = 200_000
assert SENT < BODY_LIMIT


async def app(scope: dict[str, object], receive: object, send: object) -> None:
    """Reads no body and gives no answer."""
    await asyncio.Event().wait()


async def turns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The reads of two connections whose clients have sent all at once: which connection, and how many bytes."""
    reads: list[tuple[int, int]] = []
    received = BoundedHttpProtocol.data_received

    def note(self: BoundedHttpProtocol, data: bytes) -> None:
        reads.append((id(self), len(data)))
        received(self, data)

    monkeypatch.setattr(BoundedHttpProtocol, "data_received", note)
    config = server.config(app, "127.0.0.1", 0)
    config.load()
    state = ServerState()
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    with connected(port) as one, connected(port) as other:
        for each in (one, other):
            each.setblocking(False)
            each.send(post("/", FORM, f"Content-Length: {SENT}") + b"x" * 50_000)
        async with asyncio.timeout(20):
            while sum(size for _, size in reads) < 100_000:  # noqa: ASYNC110 - the reads tell nobody
                await asyncio.sleep(0.01)
    listening.close()
    return reads


def test_two_that_send_much_are_read_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        reads = runner.run(turns(monkeypatch))
    assert max(size for _, size in reads) <= READ_SIZE == 4096
    in_a_row = [len(list(group)) for _, group in groupby(reads, key=lambda read: read[0])]
    assert max(in_a_row[:-1]) <= 2, in_a_row
