"""Readers and a writer who come through the router while processes are replaced."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from threading import Event
from types import TracebackType
from typing import Self

import httpx

from tests.support.live_client import PRESENCE, LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE, eventually, eventually_blocking

PAUSE = 0.1
"""Seconds between two messages of the writer."""


def unchecked() -> ssl.SSLContext:
    """TLS with whatever certificate: the tests' own is signed by nobody."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


_TLS = unchecked()


class TimedPage(PageModel):
    """A page that knows when frames changed it. times: by the monotonic clock."""

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.times: list[float] = []

    def apply(self, frame: str) -> None:
        """Take a frame."""
        super().apply(frame)
        if not frame.startswith(PRESENCE):
            self.times.append(time.monotonic())


class Reader(LiveClient):
    """A page that is loaded once, over TLS."""

    model = TimedPage
    tls = _TLS


class Load:
    """Use it as a context manager: while it is open, a writer writes and `readers` pages read.

    said: what was accepted. gap: the longest time in seconds in which a reader saw nothing new, once it is closed.
    """

    def __init__(self, url: str, label: str, readers: int) -> None:
        self.said: list[str] = []
        self.gap = 0.0
        self._url = url
        self._label = label
        self._count = readers
        self._enough = Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._running = self._pool.submit(asyncio.run, self._run())
        eventually_blocking(lambda: len(self.said) > 5 or self._running.done())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        try:
            self._running.result(2 * PATIENCE)
        finally:
            self._pool.shutdown()

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            readers = await asyncio.gather(*(self._reader(stack) for _ in range(self._count)))
            await self._write(await self._http(stack))
            for reader in readers:
                await eventually(lambda reader=reader: self._shown(reader) == self.said, lambda: self._wrong(readers))  # type: ignore[misc]
            times = [reader.page.times for reader in readers if isinstance(reader.page, TimedPage)]
            self.gap = max(after - before for seen in times for before, after in itertools.pairwise(seen))

    async def _reader(self, stack: AsyncExitStack) -> Reader:
        reader = Reader(self._url, self._label, retry=0.3, http=await self._http(stack))
        return await stack.enter_async_context(reader)

    async def _http(self, stack: AsyncExitStack) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=self._url, verify=_TLS, follow_redirects=False, timeout=20)
        return await stack.enter_async_context(client)

    async def _write(self, http: httpx.AsyncClient) -> None:
        for number in itertools.count():
            if self._enough.is_set():
                return
            form = {"handle": "writer", "message": f"word {number}", "nonce": uuid.uuid4().hex}
            # The nonce makes it one message, however often it is tried.
            for _ in itertools.count():
                if await self._accepted(http, form):
                    break
                await asyncio.sleep(PAUSE)
            self.said.append(form["message"])
            await asyncio.sleep(PAUSE)

    async def _accepted(self, http: httpx.AsyncClient, form: dict[str, str]) -> bool:
        try:
            answer = await http.post(f"/{self._label}/", data=form)
        except httpx.HTTPError:
            return False
        assert answer.status_code in (303, 502, 503), answer.text[:500]
        return answer.status_code == 303

    def _shown(self, reader: LiveClient) -> list[str]:
        return [text for text in reader.page.texts() if text.startswith("word ")]

    def _wrong(self, readers: list[Reader]) -> str:
        return f"{len(self.said)} were said; shown are {[len(self._shown(reader)) for reader in readers]}"
