"""Hostile clients: each takes a port and a stop, and does its worst until then, on connections of its own."""

from __future__ import annotations

import base64
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event

Attack = Callable[[int, Event], None]

CHUNK = 64 * 1024
"""Bytes that an attack writes at once."""


@contextmanager
def connected(port: int, receive_buffer: int | None = None) -> Iterator[socket.socket]:
    """A connection whose calls give up after a while, so that every attack notices its stop."""
    with socket.socket() as connection:
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(0.2)
        connection.connect(("127.0.0.1", port))
        yield connection


def upgrade(path: str, *headers: str) -> bytes:
    """The request that opens a WebSocket."""
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        *headers,
    )
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def opened(port: int, path: str = "/hostile-room/live", receive_buffer: int | None = None) -> Iterator[socket.socket]:
    """An open WebSocket."""
    with connected(port, receive_buffer) as connection:
        connection.settimeout(10)
        connection.sendall(upgrade(path))
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(1)
            if not piece:
                raise ConnectionError("refused")
            answer += piece
        if b" 101 " not in answer.partition(b"\r\n")[0]:
            raise ConnectionError(answer)
        connection.settimeout(0.2)
        yield connection


def frame(opcode: int, data: bytes = b"", fin: bool = True) -> bytes:
    """A frame as a client sends it, under a mask that changes nothing."""
    head = struct.pack("!B", opcode | (0x80 if fin else 0))
    if len(data) < 126:
        head += struct.pack("!B", 0x80 | len(data))
    elif len(data) < 65536:
        head += struct.pack("!BH", 0x80 | 126, len(data))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(data))
    return head + b"\0\0\0\0" + data


CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def pour(connection: socket.socket, data: bytes, stop: Event, read: bool = True) -> None:
    """Write `data` again and again, and read what comes, until the stop or the end of the connection."""
    block = data * max(1, CHUNK // len(data))
    left = memoryview(block)
    while not stop.is_set():
        with suppress(TimeoutError):
            left = left[connection.send(left) :] or memoryview(block)
        if read:
            connection.setblocking(False)
            with suppress(BlockingIOError):
                if not connection.recv(CHUNK):
                    return
            connection.settimeout(0.2)


def over_and_over(once: Callable[[int, Event], None]) -> Attack:
    """An attack that begins anew whenever the server has ended its connection."""

    def attack(port: int, stop: Event) -> None:
        while not stop.is_set():
            with suppress(OSError):
                once(port, stop)

    return attack


def frames(data: bytes, first: bytes = b"", read: bool = True) -> Attack:
    """Pour frames into one WebSocket after the other."""

    def once(port: int, stop: Event) -> None:
        with opened(port, receive_buffer=None if read else 4096) as connection:
            connection.sendall(first)
            pour(connection, data, stop, read)

    return over_and_over(once)


def requests(data: bytes, first: bytes, read: bool = True) -> Attack:
    """Pour bytes into one HTTP connection after the other."""

    def once(port: int, stop: Event) -> None:
        with connected(port, receive_buffer=None if read else 4096) as connection:
            connection.sendall(first)
            pour(connection, data, stop, read)

    return over_and_over(once)


def kept(first: Callable[[], bytes], count: int, is_socket: bool = False) -> Attack:
    """Open `count` connections, send the same on each, and keep them open without a word."""

    def attack(port: int, stop: Event) -> None:
        with ExitStack() as stack:
            for _ in range(count):
                if stop.is_set():
                    return
                with suppress(OSError):
                    connection = stack.enter_context((opened if is_socket else connected)(port))
                    connection.settimeout(2)
                    connection.sendall(first())
            stop.wait()

    return attack


def gone(data: bytes) -> Attack:
    """Open a WebSocket, send as much as goes at once, leave without a goodbye, and come again."""

    def once(port: int, stop: Event) -> None:
        with opened(port) as connection:
            connection.sendall(data)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return over_and_over(once)


def together(attack: Attack, count: int) -> tuple[Attack, ...]:
    """The same attack `count` times at once."""
    return (attack,) * count


def changing(template: bytes) -> Attack:
    """Pour messages into one WebSocket after the other, each with another number in it."""

    def once(port: int, stop: Event) -> None:
        with opened(port) as connection:
            pour(connection, b"".join(frame(TEXT, template % number) for number in range(2000)), stop)

    return over_and_over(once)


def post(path: str, *headers: str) -> bytes:
    """The head of a POST."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def multipart(charset: str, size: int, count: int, *headers: str) -> bytes:
    """A whole POST of a form with `count` fields of `size` bytes that names its own charset."""
    # All of it is one label, which these codecs decode in quadratic time.
    field = b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n' + b"a-" + b"b" * size + b"\r\n"
    body = field * count + b"--x--\r\n"
    kind = f"Content-Type: multipart/form-data; boundary=x; charset={charset}"
    return post("/hostile-room/", kind, f"Content-Length: {len(body)}", *headers) + body


FORM = "Content-Type: application/x-www-form-urlencoded"
CHUNKED = "Transfer-Encoding: chunked"
CROSS_SITE = "Origin: http://elsewhere.example"
_TEXT = b"message=" + b"%ff" * 80_000
GIVEN_BACK = post("/hostile-room/", FORM, f"Content-Length: {len(_TEXT)}") + _TEXT
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
TYPING = frame(TEXT, b'{"action":"typing","handle":"x"}')
RESUME = frame(TEXT, b'{"action":"resume","cursor":"0"}')

ATTACKS: dict[str, tuple[Attack, ...]] = {
    "unsolicited pongs": together(frames(frame(PONG)), 2),
    "pings": together(frames(frame(PING)), 2),
    "pings whose answers are not read": together(frames(frame(PING, b"x" * 125), read=False), 2),
    "continuation frames of 0 bytes": (frames(frame(CONTINUATION, fin=False), frame(TEXT, b"x", fin=False)),),
    "continuation frames of 1 byte": (frames(frame(CONTINUATION, b"x", fin=False), frame(TEXT, b"x", fin=False)),),
    "continuation frames of 1 KB": (frames(frame(CONTINUATION, b"x" * 1024, fin=False), frame(TEXT, b"x", fin=False)),),
    "empty messages": (frames(frame(TEXT)),),
    "messages in fragments": (frames(frame(TEXT, b"{", fin=False) + frame(CONTINUATION, b"}")),),
    "malformed messages": together(frames(frame(TEXT, b"{}")), 4),
    "binary messages": (frames(frame(BINARY, b"x")),),
    "typing": together(frames(TYPING), 4),
    "resuming": together(frames(RESUME), 4),
    "resuming from ever other cursors": together(changing(b'{"action":"resume","cursor":"%d"}'), 4),
    "fragments with pings between them": (
        frames(
            frame(PING) + frame(CONTINUATION, b"x" * 1024, fin=False),
            frame(TEXT, b"x", fin=False),
        ),
    ),
    "messages of 1 MiB": (frames(frame(TEXT, b"x" * 1024 * 1024)),),
    "text that is not UTF-8": (frames(frame(TEXT, b"\xff")),),
    "messages that never end": (kept(lambda: frame(TEXT, b"x" * 1024 * 1023, fin=False), 100, is_socket=True),),
    "sockets that leave with their queue full": (gone(frame(TEXT, b"{}") * 8000),),
    "sockets that talk on after their goodbye": (frames(frame(PONG), frame(CLOSE, b"\x03\xe8")),),
    "endless header lines": (requests(b"X-Header: value\r\n", b"GET / HTTP/1.1\r\n"),),
    "an endless header value": (requests(b"x", b"GET / HTTP/1.1\r\nCookie: "),),
    "an endless header name": (requests(b"x", b"GET / HTTP/1.1\r\nX"),),
    "an endless URL": (requests(b"x", b"GET /"),),
    "endless blank lines": (requests(b"\r\n", b"\r\n"),),
    "endless trailers": (requests(b"X-Trailer: value\r\n", post("/hostile-room/", FORM, CHUNKED) + b"0\r\n"),),
    "pipelined requests": together(requests(GET, GET), 2),
    "pipelined requests whose answers are not read": together(requests(GET, GET, read=False), 2),
    "chunks of 1 byte": (requests(b"1\r\nx\r\n", post("/hostile-room/", FORM, CHUNKED)),),
    "chunks of 1 byte of a refused request": (
        requests(b"1\r\nx\r\n", post("/hostile-room/", FORM, CHUNKED, CROSS_SITE)),
    ),
    "an endless body": (requests(b"x", post("/hostile-room/", FORM, "Content-Length: 1000000000000")),),
    "an endless body in chunks": (requests(b"400\r\n" + b"x" * 1024 + b"\r\n", post("/hostile-room/", FORM, CHUNKED)),),
    "bodies that never end": (
        kept(lambda: post("/hostile-room/", FORM, "Content-Length: 260000") + b"message=" + b"x" * 250_000, 150),
    ),
    "heads that never end": (kept(lambda: b"GET / HTTP/1.1\r\nX: " + b"x" * 30_000, 150),),
    "garbage": (requests(b"\0", b"\0"),),
    "forms in punycode": (requests(multipart("punycode", 20_000, 10), b""),),
    "forms in idna": (requests(multipart("idna", 20_000, 10), b""),),
    "forms that are given back": together(requests(GIVEN_BACK, b""), 2),
    "upgrades that are too large": (requests(upgrade("/hostile-room/live", *(f"X-{n}: x" for n in range(200))), b""),),
}
