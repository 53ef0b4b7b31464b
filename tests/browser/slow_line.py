"""A line to a server that is as slow as a far-away phone's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self, cast


class SlowLine:
    """A TCP relay on a loopback port of its own, in a thread; use it as a context manager.

    port: of the server behind it. delay: seconds that everything takes each way, whatever its size, so that
    an answer comes two of them after its question; requests and socket frames alike. sockets: whether it lets
    handshakes of WebSockets through; they are answered with 403 else, as by a proxy that knows none.
    """

    def __init__(self, port: int, delay: float, sockets: bool = True) -> None:
        self.sockets = sockets
        self._target = port
        self._delay = delay
        self._held: list[Callable[[], None]] | None = None
        self._ready: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        self._thread.start()
        self.port, self._loop, self._done = self._ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def hold(self) -> None:
        """From now on answers wait for `release`."""
        self._held = []

    def release(self) -> None:
        """Let them go, in their order."""
        self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        held, self._held = self._held, None
        for answer in held or ():
            answer()

    def _answer(self, answer: Callable[[], None]) -> None:
        if self._held is None:
            answer()
        else:
            self._held.append(answer)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>` of this end, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        ends: set[_End] = set()
        done = asyncio.Event()
        server = await loop.create_server(
            lambda: _End(ends, self._delay, self._answer, self._target, lambda: self.sockets), "127.0.0.1", 0
        )
        self._ready.set_result((server.sockets[0].getsockname()[1], loop, done))
        await done.wait()
        server.close()
        for end in list(ends):
            end.line.abort()
        await asyncio.gather(*(end.lost for end in list(ends)))


class _End(asyncio.Protocol):
    """One of a connection's two ends: what comes in here goes out at the other, later."""

    def __init__(
        self,
        ends: set[_End],
        delay: float,
        answer: Callable[[Callable[[], None]], None],
        target: int | None = None,
        takes_sockets: Callable[[], bool] = lambda: True,
    ) -> None:
        self._takes_sockets = takes_sockets
        self._ends = ends
        self._answer = answer
        self._delay = delay
        self._target = target
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._other: asyncio.Future[_End] = self._loop.create_future()
        self._dialling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.line = cast(asyncio.Transport, transport)
        self._ends.add(self)
        if self._target is not None:
            self._dialling = asyncio.create_task(self._dial(self._target))

    def data_received(self, data: bytes) -> None:
        if self._target is not None and b"\r\nupgrade: websocket\r\n" in data.lower() and not self._takes_sockets():
            self.line.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.line.close()
            return
        self._later(lambda other: other.line.write(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._ends.discard(self)
        self.lost.set_result(None)
        self._later(lambda other: other.line.close())

    async def _dial(self, port: int) -> None:
        try:
            _, other = await self._loop.create_connection(
                lambda: _End(self._ends, self._delay, self._answer), "127.0.0.1", port
            )
        except OSError:
            self.line.abort()
            return
        self._other.set_result(other)
        other._other.set_result(self)

    def _later(self, act: Callable[[_End], None]) -> None:
        def go() -> None:
            self._other.add_done_callback(lambda other: act(other.result()))

        # What comes from the server is an answer.
        self._loop.call_later(self._delay, go if self._target is not None else lambda: self._answer(go))
