"""A client that falls silent is not waited for."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.hostile.attacks import CHUNKED, FORM, GET, connected, post, upgrade
from tests.hostile.hasty import PACE, SECONDS
from tests.hostile.test_requests import answers, read_to_the_end
from tests.support.app_server import AppServer

HALF = GET[:-2]
CASES: dict[str, tuple[tuple[bytes, ...], list[int]]] = {
    "nothing": ((), []),
    "a blank line": ((b"\r\n",), [408]),
    "half a line": ((b"GET / HT",), [408]),
    "half a head": ((HALF,), [408]),
    "half a handshake": ((upgrade("/silent-room/live")[:-2],), [408]),
    "half a body": ((post("/silent-room/", FORM, "Content-Length: 1000"), b"message="), [408]),
    "half a body in chunks": ((post("/silent-room/", FORM, CHUNKED), b"8\r\nmessage=\r\n"), [408]),
    "half a body that nobody waits for": ((post("/silent-room/", "Content-Length: 1000"), b"message="), [422]),
    "nothing after a request": ((GET,), [200]),
    "half a head after a request": ((GET, HALF), [200, 408]),
}


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with AppServer(tmp_path_factory.mktemp("hasty"), command=(sys.executable, "-m", "tests.hostile.hasty")) as running:
        yield running
    running.check()


async def test_a_client_that_falls_silent_is_not_waited_for(hasty: AppServer) -> None:
    found = await asyncio.gather(
        *(asyncio.to_thread(answers, hasty, *pieces, wait=SECONDS + 20) for pieces, _ in CASES.values())
    )
    assert dict(zip(CASES, found, strict=True)) == {name: (statuses, True) for name, (_, statuses) in CASES.items()}


SLOW = {
    "a head": (GET[:-2], b"X: y\r\n"),
    "a line": (b"GET /", b"x"),
    "a body": (post("/silent-room/", FORM, "Content-Length: 1000") + b"message=", b"x"),
    "a body in chunks": (post("/silent-room/", FORM, CHUNKED), b"1\r\nx\r\n"),
    "trailers": (post("/silent-room/", FORM, CHUNKED) + b"0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize("name", SLOW)
def test_one_that_sends_a_byte_now_and_then_is_not_waited_for_either(hasty: AppServer, name: str) -> None:
    first, piece = SLOW[name]
    with connected(hasty.port) as connection:
        connection.settimeout(0.2)
        began = time.monotonic()
        connection.sendall(first)
        received = b""
        while not received.startswith(b"HTTP/1.1 408 ") and time.monotonic() - began < SECONDS + 20:
            connection.sendall(piece)
            try:
                received += connection.recv(4096)
            except TimeoutError:
                continue
        assert received.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_does_not_read_its_answer_is_not_waited_for(hasty: AppServer) -> None:
    ask = b"GET /static/vendor/htmx.org/htmx.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with connected(hasty.port, receive_buffer=4096) as connection:
        until = time.monotonic() + SECONDS + 20

        def ask_on() -> None:
            while time.monotonic() < until:
                with suppress(TimeoutError):
                    connection.sendall(ask)

        with pytest.raises(ConnectionError):
            ask_on()


def test_a_slow_body_that_goes_on_is_waited_for(hasty: AppServer) -> None:
    body = b"message=" + b"x" * 9 * PACE
    with connected(hasty.port) as connection:
        connection.settimeout(20)
        connection.sendall(post("/slow-room/", FORM, f"Content-Length: {len(body)}", "Connection: close"))
        began = time.monotonic()
        for start in range(0, len(body), PACE):
            connection.sendall(body[start : start + PACE])
            time.sleep(0.4)
        assert time.monotonic() - began > 2 * SECONDS
        assert read_to_the_end(connection)[0].startswith(b"HTTP/1.1 422 ")
