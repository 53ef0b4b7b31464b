"""Web servers of other people, real ones on this machine, that say what a test wants and note who asked for what."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

Send = Callable[[bytes], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"


def page(title: str, head: str = "") -> bytes:
    """A whole response: a page with this title, and with `head` beside it."""
    body = f"<!doctype html><html><head><title>{title}</title>{head}</head><body><p>words</p></body></html>".encode()
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def response(status: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A whole response."""
    given = {"Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    """A whole response that leads elsewhere."""
    return response(status, {"Location": to})


def picture(width: int = 600, height: int = 400, form: str = "PNG") -> bytes:
    """An image file."""
    out = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, form)
    return out.getvalue()


def image_response(body: bytes, kind: str = "image/png") -> bytes:
    """A whole response: an image."""
    return response("200 OK", {"Content-Type": kind}, body)


@dataclass
class Site:
    """One server. Each path has the bytes of a response, or a function that is given the way to send some.

    Attributes:
        port: Where it listens.
        asked: The heads of all requests, in their order.
        connections: How often somebody connected, with or without a request.
    """

    port: int
    address: str
    paths: dict[str, bytes | Callable[[Send], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its address without a slash at the end."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"

    def requests(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(head.split(" ")[1] == path for head in self.asked)

    def answer(self, connection: socket.socket) -> None:
        """Answer one request, and close."""
        self.connections += 1
        with closing(connection), suppress(OSError):
            connection.settimeout(30)
            head = _head(connection)
            if not head:
                return
            self.asked.append(head)
            said = self.paths.get(head.split(" ")[1], response("404 Not Found"))
            if callable(said):
                said(connection.sendall)
            else:
                connection.sendall(said)


def _head(connection: socket.socket) -> str:
    got = b""
    while b"\r\n\r\n" not in got:
        some = connection.recv(65536)
        if not some:
            break
        got += some
    return got.decode("latin-1")


@contextmanager
def serving(address: str = "127.0.0.1", port: int = 0) -> Iterator[Site]:
    """Run a site while the block runs."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family, backlog=64)
    site = Site(listener.getsockname()[1], address)
    thread = threading.Thread(target=_serve, args=(listener, site), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        # A thread that waits in accept() is woken by this, and by nothing else.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _serve(listener: socket.socket, site: Site) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=site.answer, args=(connection,), daemon=True).start()


def heads(site: Site, names: Sequence[str]) -> set[str]:
    """Which of these headers any request had."""
    found = {line.split(":")[0].lower() for head in site.asked for line in head.split("\r\n")[1:] if line}
    return found & {name.lower() for name in names}
