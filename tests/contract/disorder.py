"""A Redis that brings what is published late, more than once, and in another order; else it is as it should be."""

from __future__ import annotations

import asyncio
import random
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.ports import free_port

LATE = 0.8
"""Seconds that a copy takes, at most. A process that does not hear itself for 2 seconds would connect anew."""

PUBLISHED = (b"*3\r\n$7\r\nmessage\r\n", b">3\r\n$7\r\nmessage\r\n")
"""How a message to a subscriber begins, in either version of the protocol."""

NESTED = {b"*": 1, b"~": 1, b">": 1, b"%": 2, b"|": 2}
"""The replies that hold others, and how many for each that they count."""


class Disorder:
    """Stands between the processes and the Redis at `port`; use it as an async context manager.

    overtaken: messages that arrived behind one which Redis had sent to the same subscriber later. repeated: copies
    that came after the first.
    """

    def __init__(self, port: int, seed: int) -> None:
        self.port = free_port()
        self.overtaken = 0
        self.repeated = 0
        self._redis = port
        self._chance = random.Random(seed)
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    @property
    def url(self) -> str:
        """As BROADCAST_URL takes it."""
        return f"redis://127.0.0.1:{self.port}"

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        line = asyncio.create_task(self._carry(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", self._redis)
        ways = [asyncio.create_task(_copy(reader, to_redis)), asyncio.create_task(self._answer(from_redis, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_redis.close()
            writer.close()

    async def _answer(self, from_redis: StreamReader, writer: StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        arrived: list[int] = []

        def arrive(number: int, answer: bytes) -> None:
            self.repeated += number in arrived
            self.overtaken += number not in arrived and number < max(arrived, default=0)
            arrived.append(number)
            if not writer.is_closing():
                writer.write(answer)

        number = 0
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                answer = await _whole(from_redis)
                if not answer.startswith(PUBLISHED):
                    writer.write(answer)
                    continue
                number += 1
                for _ in range(self._chance.choice([1, 1, 2, 3])):
                    loop.call_later(self._chance.uniform(0, LATE), arrive, number, answer)


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)


async def _whole(stream: StreamReader) -> bytes:
    """The next reply of Redis, with all that is in it. Raises IncompleteReadError at the end."""
    line = await stream.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    if kind in (b"$", b"=", b"!") and int(rest) >= 0:
        return line + await stream.readexactly(int(rest) + 2)
    parts = [await _whole(stream) for _ in range(int(rest) * NESTED[kind])] if kind in NESTED else []
    return line + b"".join(parts)
