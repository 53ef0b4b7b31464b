"""The little of WebSocket framing that a load generator needs, made to be cheap for the reader."""

import os
import re
import struct
from typing import NamedTuple, Protocol

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

TOKEN = re.compile(rb"tok-(\d{6})-")
"""How messages are found; the group is the number."""


class Reading(Protocol):
    """What the texts of a server mean to its client."""

    @property
    def numbers(self) -> re.Pattern[bytes]:
        """What finds the numbers that are counted; they do not reach from one frame into the next."""

    def answer(self, payload: bytes, /) -> str | None:
        """Return what the server expects in reply."""

    def is_ready(self, payload: bytes, /) -> bool:
        """Whether messages arrive from now on."""

    def is_accepted(self, payload: bytes, /) -> bool:
        """Whether this tells the sender that its message is kept."""


class Scan(NamedTuple):
    """What some received bytes held; `rest` is an unfinished frame, to be put before the next bytes.

    frames: those that hold a number.
    """

    data: bytes
    rest: bytes
    tokens: tuple[int, ...]
    frames: int
    replies: bytes
    ready: bool
    accepted: int
    closed: bool


def token(number: int) -> str:
    """Return the text that marks message `number` (0 to 999,999) and occurs nowhere else."""
    return f"tok-{number:06d}-"


def encode(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return one masked frame, as a client has to send it. Payloads of 64 KiB and more raise ValueError."""
    size = len(payload)
    if size >= 1 << 16:
        raise ValueError("the load sends short messages only")
    head = struct.pack("!BB", 0x80 | opcode, 0x80 | size) if size < 126 else _long_head(opcode, size)
    key = os.urandom(4)
    stream = (key * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return head + key + masked.to_bytes(size, "big")


def _long_head(opcode: int, size: int) -> bytes:
    return struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)


def _bounds(buffer: bytes, start: int) -> tuple[int, int] | None:
    """Return where the payload of the frame at `start` begins and ends, or None while it is unfinished."""
    if len(buffer) < start + 2:
        return None
    size, body = buffer[start + 1] & 0x7F, start + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        body += width
        if len(buffer) < body:
            return None
        size = int.from_bytes(buffer[start + 2 : body], "big")
    return (body, body + size) if len(buffer) >= body + size else None


def scan(rest: bytes, data: bytes, reading: Reading) -> Scan:
    """Read every whole frame of `rest + data`."""
    buffer = rest + data
    start, frames, replies, ready, accepted, closed = 0, 0, b"", False, 0, False
    while bounds := _bounds(buffer, start):
        opcode, payload = buffer[start] & 0x0F, buffer[slice(*bounds)]
        if opcode == PING:
            replies += encode(payload, PONG)
        elif opcode == CLOSE:
            closed = True
        else:
            frames += reading.numbers.search(payload) is not None
            ready = ready or reading.is_ready(payload)
            accepted += reading.is_accepted(payload)
            reply = reading.answer(payload)
            replies += encode(reply.encode()) if reply is not None else b""
        start = bounds[1]
    tokens = tuple(map(int, reading.numbers.findall(buffer, 0, start)))
    return Scan(data, buffer[start:], tokens, frames, replies, ready, accepted, closed)
