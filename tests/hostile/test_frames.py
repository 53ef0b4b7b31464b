"""Frames that one WebSocket may send, and their bounds."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.hostile.attacks import CLOSE, CONTINUATION, PING, PONG, TEXT, frame, opened
from tests.hostile.beside import resident
from tests.hostile.test_requests import read_to_the_end
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from webapp.live.protocol.socket_budget import USELESS
from webapp.protocols.inbox import KEPT_AT_THE_END, Inbox
from webapp.protocols.limits import EMPTY_FRAMES, SMALL_FRAGMENT, SOCKET_MESSAGE_LIMIT

MANY = 3 * EMPTY_FRAMES.burst
WITHIN = EMPTY_FRAMES.burst // 2


def closed_with(connection: socket.socket) -> int:
    """The close code that comes at the end."""
    connection.settimeout(15)
    received, is_ended = read_to_the_end(connection)
    assert is_ended, "still open"
    found = re.search(rb"\x88[\x02-\x7d](..)[^\x00-\x1f]*\Z", received, re.DOTALL)
    assert found, received[-200:]
    return int.from_bytes(found[1])


def unread(server: AppServer, room: str) -> connect:
    """A socket that says goodbye at once, though the test reads nothing: a full queue would hide the server's own."""
    return connect(f"{server.ws_url}/{room}/live", max_queue=None)


WITHOUT_A_MESSAGE = {
    "pongs": (b"", frame(PONG)),
    "pongs with a payload": (b"", frame(PONG, b"x" * 125)),
    "pings": (b"", frame(PING)),
    "empty texts": (b"", frame(TEXT)),
    "empty fragments": (frame(TEXT, b"x", fin=False), frame(CONTINUATION, fin=False)),
    "fragments of a byte": (frame(TEXT, b"x", fin=False), frame(CONTINUATION, b"x", fin=False)),
    "messages in two fragments": (b"", frame(TEXT, b"{", fin=False) + frame(CONTINUATION, b"}")),
}


@pytest.mark.parametrize("name", WITHOUT_A_MESSAGE)
def test_more_frames_without_a_message_than_anybody_needs_close_the_socket_with_1008(
    server: AppServer, name: str
) -> None:
    first, each = WITHOUT_A_MESSAGE[name]
    with opened(server.port, "/frames-room/live") as connection:
        connection.settimeout(10)
        connection.sendall(first + each * MANY)
        assert closed_with(connection) == 1008


@pytest.mark.parametrize("name", WITHOUT_A_MESSAGE)
async def test_some_of_them_do_no_harm(server: AppServer, room: str, name: str) -> None:
    first, each = WITHOUT_A_MESSAGE[name]
    async with LiveClient(server.url, room) as bob:
        with opened(server.port, f"/{room}/live") as connection:
            connection.settimeout(10)
            connection.sendall(first + each * WITHIN)
            if "fragments" in name and first:
                connection.sendall(frame(CONTINUATION, b"x"))
            said = json.dumps({"stream": "chat", "action": "create", "handle": "ann", "message": "hi"})
            await asyncio.to_thread(connection.sendall, frame(TEXT, said.encode()))
            await bob.until(lambda page: page.texts() == ["hi"])


async def test_a_message_in_large_fragments_is_one_message(server: AppServer, room: str) -> None:
    """A client may send what it has in pieces of any size that is of use."""
    text = json.dumps({"stream": "chat", "action": "create", "handle": "ann", "message": "hi", "x": "y" * 15_000})
    pieces = [text[at : at + SMALL_FRAGMENT] for at in range(0, len(text), SMALL_FRAGMENT)]
    async with LiveClient(server.url, room) as bob, unread(server, room) as socket:
        for _ in range(20):
            await socket.send(pieces)
        await bob.until(lambda page: page.texts() == ["hi"] * 20)


async def test_fragments_that_are_too_much_together_close_the_socket_with_1009(server: AppServer) -> None:
    pieces = ["x" * 65_536] * (2 * SOCKET_MESSAGE_LIMIT // 65_536)
    async with connect(f"{server.ws_url}/frames-room/live") as socket:
        with suppress(ConnectionClosed):
            await socket.send(pieces)
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert socket.close_code == 1009


async def test_a_queue_of_a_hundred_sends_at_a_reconnect_passes(server: AppServer, room: str) -> None:
    """htmx keeps a hundred sends while the server is away, and sends them at once: at worst all are refused."""
    async with LiveClient(server.url, room) as bob, LiveClient(server.url, room) as ann:
        await ann.drop()
        for number in range(50):
            await ann.send({"stream": "chat", "action": "create", "handle": "", "message": "", "nonce": str(number)})
            await ann.send({"action": "typing", "handle": "ann"})
        began = time.monotonic()
        await ann.reconnect()
        await ann.say("ann", "after all that")
        await bob.until(lambda page: page.texts() == ["after all that"])
        # Nothing of it had to wait for the budget.
        assert time.monotonic() - began < 10
        assert ann.closed_with is None


async def test_frames_that_write_nothing_wait_when_they_are_too_many_and_harm_no_page(
    server: AppServer, room: str
) -> None:
    """An honest page that gets there is slowed down; its message is said, and its socket stays open."""
    sent = USELESS.burst + 60
    async with LiveClient(server.url, room) as bob, unread(server, room) as socket:
        began = time.monotonic()
        for _ in range(sent):
            await socket.send('{"action": "typing", "handle": "ann"}')
        await socket.send(json.dumps({"stream": "chat", "action": "create", "handle": "ann", "message": "hi"}))
        await bob.until(lambda page: page.texts() == ["hi"], 30)
        assert time.monotonic() - began > 40 / USELESS.per_second


async def test_refused_frames_leave_few_lines_in_the_log(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as bob, unread(server, room) as socket:
        before = server.log().count("refused a frame")
        for _ in range(100):
            await socket.send("nonsense")
        await socket.send(json.dumps({"stream": "chat", "action": "create", "handle": "ann", "message": "hi"}))
        await bob.until(lambda page: page.texts() == ["hi"])
        assert 5 <= server.log().count("refused a frame") - before <= 12
        assert "malformed (no. 64)" in server.log()


async def test_what_was_said_right_before_the_goodbye_is_said(server: AppServer, room: str) -> None:
    """A visitor presses Enter and closes the page."""
    async with LiveClient(server.url, room) as bob:
        said = [f"message {number}" for number in range(8)]
        frames = b"".join(
            frame(TEXT, json.dumps({"stream": "chat", "action": "create", "handle": "ann", "message": text}).encode())
            for text in said
        )
        with opened(server.port, f"/{room}/live") as connection:
            connection.sendall(frames + frame(CLOSE, b"\x03\xe9"))
        await bob.until(lambda page: page.texts() == said)


async def test_the_queue_of_a_socket_that_is_gone_is_dropped() -> None:
    inbox = Inbox()
    for number in range(1000):
        inbox.put_nowait({"type": "websocket.receive", "text": str(number)})
    inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    kept = [await inbox.get() for _ in range(KEPT_AT_THE_END)]
    assert [event["text"] for event in kept] == [str(number) for number in range(KEPT_AT_THE_END)]
    assert (await inbox.get())["type"] == "websocket.disconnect"
    assert inbox.empty()


async def test_a_long_queue_is_taken_in_linear_time() -> None:
    inbox = Inbox()
    began = time.perf_counter()
    for _ in range(42_000):
        inbox.put_nowait({"type": "websocket.receive", "text": ""})
    for _ in range(42_000):
        await inbox.get()
    # As a list that was copied for each of them it took ten seconds.
    assert time.perf_counter() - began < 2


async def test_a_client_that_pings_and_reads_nothing_gets_no_answers_without_end(server: AppServer) -> None:
    """Within its budget it pings as often as it may."""
    before = resident(server.pid)
    with opened(server.port, "/frames-room/live", receive_buffer=4096) as connection:
        connection.settimeout(10)
        for _ in range(10):
            connection.sendall(frame(PING, b"x" * 125) * 8)
            await asyncio.sleep(0.1)
    assert resident(server.pid) - before < 30 * 1024
