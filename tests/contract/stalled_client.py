"""A reader whose socket stays open and who takes nothing from it."""

from __future__ import annotations

import json
import socket
from typing import Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.support.patience import PATIENCE


class StalledClient:
    """A raw WebSocket with a small buffer; use it as a context manager. Its methods block."""

    def __init__(self, url: str) -> None:
        self._protocol = ClientProtocol(parse_uri(url), max_size=None)
        self._socket = socket.socket()
        # As little as the kernel allows, so that what is not read soon weighs on the server.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(PATIENCE)
        self.texts: list[str] = []
        self.closed_with: int | None = None

    def __enter__(self) -> Self:
        uri = self._protocol.uri
        self._socket.connect((uri.host, uri.port))
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while self._protocol.state.name == "CONNECTING":
            self._take()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, **fields: str) -> None:
        """Send a form with these fields."""
        self._protocol.send_text(json.dumps(fields).encode())
        self._flush()

    def read_to_the_end(self) -> None:
        """Read again, until the server has closed."""
        self._thaw()
        while self.closed_with is None:
            self._take()

    def read_until(self, text: str) -> None:
        """Read again, until a frame has come that holds `text`."""
        self._thaw()
        while not any(text in each for each in self.texts):
            self._take()

    def _thaw(self) -> None:
        # With the small buffer the kernels would take turns waiting for each other, for minutes.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)

    def _take(self) -> None:
        data = self._socket.recv(65536)
        assert data, "the server closed without a close frame"
        self._protocol.receive_data(data)
        self._flush()
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.texts.append(bytes(event.data).decode())
        if self._protocol.close_rcvd is not None:
            self.closed_with = self._protocol.close_rcvd.code
