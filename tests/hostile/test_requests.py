"""Each limit on a request is answered as HTTP says, and the connection ends."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest

from tests.hostile.attacks import CHUNKED, CROSS_SITE, FORM, connected, multipart, post
from tests.support.app_server import AppServer
from webapp.protocols.limits import BODY_LIMIT, HEAD_LIMIT, HEADERS_LIMIT, URL_LIMIT

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def answers(server: AppServer, *pieces: bytes, wait: float = 10) -> tuple[list[int], bool]:
    """The statuses that are answered to `pieces`, and whether the connection ended within `wait` seconds."""
    with connected(server.port) as connection:
        connection.settimeout(wait)
        with suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        received, is_ended = read_to_the_end(connection)
    return [int(part.split(b" ", 1)[0]) for part in received.split(b"HTTP/1.1 ")[1:]], is_ended


def read_to_the_end(connection: socket.socket) -> tuple[bytes, bool]:
    """All that comes, and whether that was the end."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionError:
        return received, True
    except TimeoutError:
        return received, False
    return received, True


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (431, GET + b"X-Header: value\r\n" * 1_000_000),
        (431, GET + b"X-Header: value\r\n" * (HEADERS_LIMIT + 1) + b"\r\n"),
        (431, GET + b"Cookie: " + b"x" * (HEAD_LIMIT + 4096)),
        (431, GET + b"X" * (HEAD_LIMIT + 4096)),
        (414, b"GET /" + b"x" * (URL_LIMIT + 1)),
        (414, b"GET /?" + b"x" * (URL_LIMIT + 1) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        (413, post("/hostile-room/", FORM, f"Content-Length: {BODY_LIMIT + 1}")),
        (413, post("/hostile-room/", FORM, CHUNKED) + b"1\r\nx\r\n" * BODY_LIMIT),
        (413, post("/hostile-room/", FORM, CHUNKED) + b"0\r\n" + b"X-Trailer: value\r\n" * 30_000),
        (403, post("/hostile-room/", FORM, CHUNKED, CROSS_SITE) + b"1\r\nx\r\n" * BODY_LIMIT),
        (400, b"\0" * 10),
        (400, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        (400, b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    ],
    ids=lambda value: value if isinstance(value, int) else value[:40].decode("latin-1"),
)
def test_a_request_over_a_limit_is_refused_and_its_connection_ends(server: AppServer, status: int, sent: bytes) -> None:
    assert answers(server, sent) == ([status], True)


def test_a_request_at_the_limits_is_answered(server: AppServer) -> None:
    cookies = b"Cookie: " + b"x" * (HEAD_LIMIT - 1000) + b"\r\n"
    assert answers(server, GET + cookies + b"Connection: close\r\n\r\n") == ([200], True)
    many = b"X-Header: value\r\n" * (HEADERS_LIMIT - 2)
    assert answers(server, GET + many + b"Connection: close\r\n\r\n") == ([200], True)
    body = b"message=" + b"x" * (60 * 1024)
    head = post("/hostile-room/", FORM, f"Content-Length: {len(body)}", "Connection: close")
    assert answers(server, head + body) == ([422], True)


def test_pipelined_requests_are_all_answered_in_order(server: AppServer) -> None:
    body = b"message=" + b"x" * 5000
    form = post("/hostile-room/", FORM, f"Content-Length: {len(body)}") + body
    chunked = post("/hostile-room/", FORM, CHUNKED) + b"8\r\nmessage=\r\n0\r\nX-Trailer: value\r\n\r\n"
    one = GET + b"\r\n"
    last = GET + b"Connection: close\r\n\r\n"
    sent = (one * 3 + form + one + chunked) * 50 + b"GET /nowhere/at/all HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + last
    assert answers(server, sent) == ([*[200, 200, 200, 422, 200, 422] * 50, 404, 200], True)


def test_what_arrives_byte_by_byte_is_answered(server: AppServer) -> None:
    request = post("/hostile-room/", FORM, CHUNKED) + b"8\r\nmessage=\r\n0\r\n\r\n" + GET + b"Connection: close\r\n\r\n"
    assert answers(server, *(request[at : at + 1] for at in range(len(request)))) == ([422, 200], True)


def test_a_bad_request_does_not_overtake_the_answer_to_the_one_before(server: AppServer) -> None:
    assert answers(server, GET + b"\r\n" + b"\0\0\0\0") == ([200, 400], True)


def test_an_aborted_form_is_no_fault_of_the_server(server: AppServer, room: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nhalf a'
    for kind, begun in ((FORM, b"message="), ("Content-Type: multipart/form-data; boundary=x", part)):
        with connected(server.port) as connection:
            connection.sendall(post(f"/{room}/", kind, "Content-Length: 1000") + begun)
    deadline = time.monotonic() + 10
    while server.log().count(f"a form for /{room}/ was not sent whole") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # The fixture fails for a traceback in the log.


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "utf-16", "nonsense", '"'])
def test_a_form_is_read_as_utf_8_whatever_it_says(server: AppServer, charset: str) -> None:
    began = time.monotonic()
    assert answers(server, multipart(charset, 20_000, 10, "Connection: close")) in (([422], True), ([400], True))
    # Decoded as it wants, the ten fields take seconds.
    assert time.monotonic() - began < 8


def test_an_umlaut_in_a_multipart_form_survives_any_charset(server: AppServer, room: str) -> None:
    body = '--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nGrüße 🦊\r\n--x--\r\n'.encode()
    for charset in ("utf-16", "latin-1", "punycode"):
        kind = f"Content-Type: multipart/form-data; boundary=x; charset={charset}"
        head = post(f"/{room}/", kind, f"Content-Length: {len(body)}", "Connection: close")
        assert answers(server, head + body) == ([303], True)
    with connected(server.port) as connection:
        connection.settimeout(10)
        connection.sendall(f"GET /{room}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        page = read_to_the_end(connection)[0].decode()
    assert page.count("Grüße 🦊") >= 3
