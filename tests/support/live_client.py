"""A page without a browser: it opens, closes and reopens its socket as htmx does, and feeds a `PageModel`."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support.page_model import PageModel
from tests.support.patience import until

RECONNECTING_CODES = frozenset({1001, 1005, 1006, 1011, 1012, 1013, 1014})

PRESENCE = ('<hx-partial hx-target="#people-count">', '<hx-partial hx-target="#typing">')
"""How frames begin that tell who is here and who is typing; `frames` leaves them out, the page does not."""


class LiveClient:
    """One visitor with one room open; use it as an async context manager.

    url: where the server answers, as in `http://127.0.0.1:20001`. label: the room's.
    retry: seconds until a lost socket is opened again, for the close codes that htmx reconnects on;
    None leaves that to `reconnect`.
    http: the visitor's cookies are kept here; give another client's to be the same visitor in a second tab.
    """

    model: type[PageModel] = PageModel
    """What the loaded page becomes."""

    tls: ssl.SSLContext | None = None
    """How certificates are checked, where `http` speaks https."""

    def __init__(
        self, url: str, label: str, *, retry: float | None = None, http: httpx.AsyncClient | None = None
    ) -> None:
        self.http = http or httpx.AsyncClient(base_url=url, follow_redirects=True)
        self.label = label
        self.retry = retry
        self.page: PageModel
        self.frames: list[str] = []
        self.closed_with: int | None = None
        self._socket: ClientConnection | None = None
        self._queue: list[str] = []
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._owns_http = http is None

    async def __aenter__(self) -> Self:
        try:
            if self._owns_http:
                await self._have_another_make_it()
            await self.load()
            await self.reconnect()
        except BaseException:
            # What is left open here would be complained of in another test, whenever the garbage is collected.
            if self._owns_http:
                await self.http.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.retry = None
        broken = self._broken()
        await self.drop()
        if self._owns_http:
            await self.http.aclose()
        if broken is not None and error is None:
            raise broken

    @property
    def connected(self) -> bool:
        """Whether the socket is open, as far as this side knows."""
        return self._socket is not None

    async def _have_another_make_it(self) -> None:
        # Whoever makes a room owns it, and reads who waits at its door: a second group, with a part of its own in
        # the cursor.
        await self.http.get(f"/{self.label}/")
        self.http.cookies.clear()

    async def load(self) -> None:
        """Get the page anew, as a reload does; the socket is not touched."""
        answer = await self.http.get(f"/{self.label}/")
        answer.raise_for_status()
        self.page = self.model(answer.text)

    async def reconnect(self) -> None:
        """Open the socket, send what waited, ask for what was missed; raises OSError or InvalidHandshake."""
        assert self._socket is None, "still connected"
        base = self.http.base_url
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        socket = await connect(
            f"{'wss' if self.tls else 'ws'}://{base.host}:{base.port}{self.page.live_path}",
            origin=f"{base.scheme}://{base.host}:{base.port}",  # type: ignore[arg-type]
            ssl=self.tls,
            additional_headers={"Cookie": cookies} if cookies else {},
            compression=None,
            max_size=None,
        )
        self._socket, self.closed_with = socket, None
        self._reader = asyncio.create_task(self._read(socket))
        # htmx sends what waited before it triggers anything else at the opening.
        waiting, self._queue = self._queue, []
        for text in waiting:
            await self._send(text)
        with suppress(ConnectionClosed):
            await socket.send(_frame(self.page.fields("cursor")))

    async def drop(self) -> None:
        """Lose the connection without a goodbye, as a phone in a tunnel does."""
        socket, reader = self._socket, self._reader
        self._socket = self._reader = None
        if socket is not None:
            socket.transport.abort()
        if reader is not None:
            reader.cancel()
            await asyncio.wait([reader])

    async def say(self, handle: str, text: str, **fields: str) -> None:
        """Send the composer with these words in it; kept for the next opening when the socket is down."""
        await self.send({**self.page.fields("composer"), "handle": handle, "message": text, **fields})

    async def send(self, fields: dict[str, str]) -> None:
        """Send a form with these fields, as hx-ws does."""
        await self._send(_frame(fields))

    async def until(self, true_of: Callable[[PageModel], bool], timeout: float | None = None) -> None:
        """Wait until the page is so; raises AssertionError after PATIENCE, or `timeout` seconds, or what broke it."""

        def so() -> bool:
            if true_of(self.page):
                return True
            self._raise_what_broke()
            return False

        await until(so, self._changed, self._state, timeout)

    async def until_closed(self, timeout: float | None = None) -> int:
        """Wait until the server has closed the socket, and give the close code."""
        await self.until(lambda _: self.closed_with is not None, timeout)
        assert self.closed_with is not None
        return self.closed_with

    async def _send(self, text: str) -> None:
        if self._socket is not None:
            with suppress(ConnectionClosed):
                await self._socket.send(text)
                return
        self._queue.append(text)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            with suppress(ConnectionClosed):
                async for frame in socket:
                    assert isinstance(frame, str), "a binary frame"
                    # Who is here comes when it likes, between any two frames of the log.
                    if not frame.startswith(PRESENCE):
                        self.frames.append(frame)
                    self.page.apply(frame)
                    self._changed.set()
            self.closed_with = socket.close_code or 1006
        finally:
            socket.transport.abort()
            self._socket = None
            self._changed.set()
        if self.retry is not None and self.closed_with in RECONNECTING_CODES:
            await self._retry(self.retry)

    async def _retry(self, delay: float) -> None:
        while True:
            await asyncio.sleep(delay)
            try:
                await self.reconnect()
            except (OSError, InvalidHandshake):
                continue
            return

    def _broken(self) -> BaseException | None:
        reader = self._reader
        return reader.exception() if reader is not None and reader.done() and not reader.cancelled() else None

    def _raise_what_broke(self) -> None:
        broken = self._broken()
        if broken is not None:
            raise broken

    def _state(self) -> str:
        socket = "open" if self.connected else f"closed with {self.closed_with}"
        return (
            f"the socket is {socket}, the cursor is {self.page.cursor}, "
            f"the last messages are {self.page.messages()[-5:]}, the last frames are {self.frames[-3:]}"
        )


def _frame(fields: dict[str, str]) -> str:
    # As a browser writes JSON: only what has to be is escaped.
    return json.dumps({**fields, "headers": {"HX-Request": "true"}}, ensure_ascii=False)
