"""Every handshake is answered: what can be opened is open, what cannot is refused and closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.hostile.attacks import CHUNKED, GET, PING, connected, frame, opened, upgrade
from tests.hostile.test_requests import answers, read_to_the_end
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from webapp.protocols.limits import HEAD_LIMIT, HEADERS_LIMIT, URL_LIMIT

PATH = "/handshake-room/live"


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (431, upgrade(PATH, *(f"X-{number}: x" for number in range(HEADERS_LIMIT)))),
        (431, upgrade(PATH, "Cookie: " + "x" * HEAD_LIMIT)),
        (414, upgrade("/" + "x" * URL_LIMIT + "/live")),
        (400, upgrade(PATH, "Content-Length: 3") + b"abc"),
        (400, upgrade(PATH, "Content-Length: 3")),
        (400, upgrade(PATH, CHUNKED) + b"0\r\n\r\n"),
        (400, upgrade(PATH, "Sec-WebSocket-Key: again")),
        (400, upgrade(PATH, "X: \x01")),
        (400, upgrade("/\u00fc/live").replace("\u00fc".encode(), b"\xff")),
        (400, upgrade(PATH).replace(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12")),
        (400, upgrade(PATH).replace(b"Sec-WebSocket-Key", b"X-Key")),
        (405, upgrade(PATH).replace(b"GET", b"POST")),
        (505, upgrade(PATH).replace(b"HTTP/1.1", b"HTTP/1.0")),
        (403, upgrade("/no/such/page/live")),
    ],
    ids=lambda value: value if isinstance(value, int) else value[:40].decode("latin-1"),
)
def test_a_handshake_that_cannot_be_is_answered_and_its_connection_ends(
    server: AppServer, status: int, sent: bytes
) -> None:
    assert answers(server, sent) == ([status], True)


async def test_a_visitor_with_many_other_cookies_talks(server: AppServer, room: str) -> None:
    """Other apps on the host have left 30 KB of cookies in this browser."""
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.drop()
        for number in range(20):
            ann.http.cookies.set(f"other-{number}", "x" * 1500)
        await ann.load()
        await ann.reconnect()
        await ann.say("ann", "hello")
        for each in (ann, bob):
            await each.until(lambda page: page.texts() == ["hello"])


@pytest.mark.parametrize("pause", [0, 0.001])
def test_frames_that_come_while_the_handshake_is_under_way_are_taken(server: AppServer, pause: float) -> None:
    with connected(server.port) as connection:
        connection.settimeout(10)
        if pause:
            connection.sendall(upgrade(PATH))
            time.sleep(pause)
            connection.sendall(frame(PING, b"early"))
        else:
            connection.sendall(upgrade(PATH) + frame(PING, b"early"))
        received = b""
        while b"\x8a\x05early" not in received:
            piece = connection.recv(4096)
            assert piece, received
            received += piece


@pytest.mark.parametrize(
    "sent",
    [
        upgrade(PATH, *(f"X-{number}: x" for number in range(200))),
        upgrade(PATH, "Cookie: " + "x" * HEAD_LIMIT),
        upgrade("/" + "x" * URL_LIMIT + "/live"),
        upgrade(PATH, "Content-Length: 3"),
        upgrade(PATH)[:-2],
        upgrade(PATH).replace(b"Sec-WebSocket-Key", b"X-Key"),
        GET[:-2],
        b"",
    ],
)
async def test_a_connection_in_any_state_lets_the_server_stop_in_order(
    serve: Callable[..., AppServer], sent: bytes
) -> None:
    server = serve()
    with connected(server.port) as connection, opened(server.port, PATH) as other:
        connection.sendall(sent)
        await asyncio.sleep(0.2)
        began = time.monotonic()
        assert await asyncio.to_thread(server.stop, 30) == 0
        assert time.monotonic() - began < 10
        other.settimeout(5)
        # The close frame with 1012, after which pages reconnect.
        assert read_to_the_end(other)[0].endswith(b"\x88\x02\x03\xf4")
    assert "Application shutdown complete" in server.log()
