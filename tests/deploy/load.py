"""Readers and a writer who come through the router while processes are replaced."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import re
import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from threading import Event
from types import TracebackType
from typing import Self

import httpx
from websockets.exceptions import InvalidHandshake, InvalidMessage

from tests.support.live_client import PRESENCE, LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE, eventually, eventually_blocking

PAUSE = 0.1
"""Seconds between two messages of the writer."""

WHOLE = 20
"""Readers whose pages are modelled whole. If all were, the readers would take more CPU than the processes they read."""

DELAY, LONGEST, JITTER = 0.5, 60.0, 0.3
"""How htmx comes back: seconds before the first attempt, doubled for each later one up to LONGEST, ± 30 %."""

CURSOR = re.compile(r'<input[^>]* id="?cursor\b[^>]* value="?([^">]*)')
MESSAGE = re.compile(r'<li id="message-(\d+)".*?<p\b[^>]*>([^<]*)</p>', re.DOTALL)
"""The parts of a frame that a sketched page reads. If the markup changes, the page lacks words, and the test fails."""


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
        if not frame.startswith(PRESENCE):
            self.times.append(time.monotonic())
        self.take(frame)

    def take(self, frame: str) -> None:
        """Change the page as a frame says."""
        super().apply(frame)

    def words(self) -> list[str]:
        """The writer's messages, in the order in which they stand on the page."""
        return [text for text in self.texts() if text.startswith("word ")]


class SketchedPage(TimedPage):
    """A page that knows its cursor and its messages by their ids, and no more."""

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self._latest = super().fields("cursor")["cursor"]
        self._texts = {message.id: message.text for message in super().messages()}

    def take(self, frame: str) -> None:
        """Note the messages, and the cursor that comes after them."""
        self._texts |= {int(key): text for key, text in MESSAGE.findall(frame)}
        for cursor in CURSOR.findall(frame):
            self._latest = cursor

    def fields(self, name: str) -> dict[str, str]:
        """The form's fields as they were at first, with the cursor as it is now."""
        found = super().fields(name)
        return found | {"cursor": self._latest} if "cursor" in found else found

    def texts(self) -> list[str]:
        """The messages' texts by their ids, as the page sorts them."""
        return [text for _, text in sorted(self._texts.items())]


class Reader(LiveClient):
    """A page that is loaded once, over TLS, and comes back as htmx does. attempts: those that failed."""

    model = TimedPage
    tls = _TLS
    attempts = 0

    async def _retry(self, delay: float) -> None:
        for number in itertools.count():
            await asyncio.sleep(min(delay * 2**number, LONGEST) * random.uniform(1 - JITTER, 1 + JITTER))
            with suppress(OSError, InvalidHandshake, InvalidMessage):
                await self.reconnect()
                return
            self.attempts += 1


class SketchingReader(Reader):
    """The same, with less of a page."""

    model = SketchedPage


class Load:
    """Use it as a context manager: while it is open, a writer writes and `readers` pages read.

    said: what was accepted. Once it is closed, `failed` is how often readers came back in vain.
    """

    def __init__(self, url: str, label: str, readers: int) -> None:
        self.said: list[str] = []
        self.failed = 0
        self._accepted: list[float] = []
        self._seen: list[list[float]] = []
        self._url = url
        self._label = label
        self._count = readers
        self._enough = Event()
        self._pool = ThreadPoolExecutor(1)

    def gaps(self, since: float = -math.inf, until: float = math.inf) -> list[float]:
        """The longest time in seconds in which each reader saw nothing new, the longest one first."""
        return sorted((longest(seen, since, until) for seen in self._seen), reverse=True)

    def silence(self, since: float = -math.inf, until: float = math.inf) -> float:
        """The longest time in seconds in which no message was accepted: no reader could see anything new."""
        return longest(self._accepted, since, until)

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
            kinds: list[Callable[..., Reader]] = [Reader if n < WHOLE else SketchingReader for n in range(self._count)]
            readers = await asyncio.gather(*(self._reader(stack, kind) for kind in kinds))
            await self._write(await self._http(stack))
            await eventually(lambda: all(self._has_all(reader) for reader in readers), lambda: self._wrong(readers))
            self._seen = [page_of(reader).times for reader in readers]
            self.failed = sum(reader.attempts for reader in readers)

    async def _reader(self, stack: AsyncExitStack, kind: Callable[..., Reader]) -> Reader:
        reader = kind(self._url, self._label, retry=DELAY, http=await self._http(stack))
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
                if await self._accept(http, form):
                    break
                await asyncio.sleep(PAUSE)
            self._accepted.append(time.monotonic())
            self.said.append(form["message"])
            await asyncio.sleep(PAUSE)

    async def _accept(self, http: httpx.AsyncClient, form: dict[str, str]) -> bool:
        try:
            answer = await http.post(f"/{self._label}/", data=form)
        except httpx.HTTPError:
            return False
        assert answer.status_code in (303, 502, 503), answer.text[:500]
        return answer.status_code == 303

    def _has_all(self, reader: Reader) -> bool:
        return page_of(reader).words() == self.said

    def _wrong(self, readers: list[Reader]) -> str:
        return f"{len(self.said)} were said; shown are {[len(page_of(reader).words()) for reader in readers]}"


def page_of(reader: Reader) -> TimedPage:
    """The reader's page, which knows its times."""
    assert isinstance(reader.page, TimedPage)
    return reader.page


def longest(times: Sequence[float], since: float, until: float) -> float:
    """The longest time between two of these moments, of those that lie within `since` and `until`, if only in part."""
    return max(
        (after - before for before, after in itertools.pairwise(times) if before < until and after > since), default=0.0
    )
