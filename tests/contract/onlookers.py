"""Two windows of a real Chromium that sit in the room, one at each process, and are left alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import TypeVar

from tests.contract.strict import WINDOW
from tests.support.app_server import AppServer
from tests.support.chromium import chromium
from tests.support.database_shell import Row
from tests.support.patience import PATIENCE
from tests.support.window import Window

AWAY = ("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET")
"""Complaints that a window may have while its process is away."""

MARK = "for (const each of [window, document.getElementById('room')]) each.loadedOnce = true"

READ = """() => ({
    marked: window.loadedOnce === true && document.getElementById("room").loadedOnce === true,
    banner: document.getElementById("banner").textContent.trim(),
    messages: [...document.querySelectorAll("#log li[id]")].map(
        li => [li.id.replace("message-", ""), li.querySelector("b").firstChild.textContent.trim(),
            li.querySelector("p").textContent]),
})"""


T = TypeVar("T")


class Onlooker:
    """One visitor's page. It is told nothing, and nothing is typed into it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        window.allow(*AWAY)

    def open(self, url: str) -> None:
        """Load the room, the only time, and mark what a load anew would take away."""
        with self._window.page.expect_websocket():
            self._window.page.goto(url)
        self._window.page.evaluate(MARK)

    def lacks(self, text: str) -> str:
        """The words on the page when nobody says just that there, or ""."""
        found = self._window.page.evaluate(READ)
        if any(words == text for _, _, words in found["messages"]):
            return ""
        return f"{text} is not there, but {str(found)[-200:]}, and {self._window.complaints()}"

    def wrong_with(self, rows: Sequence[Row]) -> str:
        """The differences from the newest of the room's messages in their order, without a banner, or ""."""
        found = self._window.page.evaluate(READ)
        assert found["marked"], "the page, or all that is in it, was loaded anew"
        shown = [Row(int(number), handle, text) for number, handle, text in found["messages"]]
        if found["banner"]:
            return f"the banner says {found['banner']}"
        if len(shown) < min(WINDOW, len(rows)) or shown != list(rows[-len(shown) :]):
            lost = [row for row in rows[-len(shown) :] if row not in shown]
            return f"{len(shown)} of {len(rows)} are shown, lost {lost[:5]}, {[row.id for row in shown]}"
        return ""

    def check(self) -> None:
        """Raise AssertionError when the page complained of anything but that its process was away."""
        complaints = self._window.complaints()
        assert not complaints, str(complaints)[:300]


class Onlookers:
    """All of them. Their browser runs on the thread of `thread` alone, so that the test's event loop goes on."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._all: list[Onlooker] = []
        self._opened = ExitStack()

    async def open(self, servers: Sequence[AppServer], room: str) -> None:
        """Open a window at each of the servers."""
        await self._run(partial(self._open, [f"{server.url}/{room}/" for server in servers]))

    async def close(self) -> None:
        """Close the browser."""
        await self._run(self._opened.close)

    async def show(self, text: str) -> None:
        """Wait until each shows that text."""
        await self._until_nothing(lambda each: each.lacks(text))

    async def settle(self, rows: Sequence[Row]) -> None:
        """Wait until each shows the newest of these rows; nothing may come to its help."""
        await self._until_nothing(lambda each: each.wrong_with(rows))
        for each in self._all:
            await self._run(each.check)

    def _open(self, urls: Sequence[str]) -> None:
        browser = self._opened.enter_context(chromium())
        for url in urls:
            self._all.append(Onlooker(Window(self._opened.enter_context(browser.new_context()))))
            self._all[-1].open(url)

    async def _until_nothing(self, is_wrong: Callable[[Onlooker], str]) -> None:
        deadline = time.monotonic() + PATIENCE
        for number, each in enumerate(self._all):
            while wrong := await self._run(partial(is_wrong, each)):
                assert time.monotonic() < deadline, f"window {number}: {wrong[:400]}"
                await asyncio.sleep(0.1)

    async def _run(self, do: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, do)


@asynccontextmanager
async def onlookers(servers: Sequence[AppServer], room: str) -> AsyncIterator[Onlookers]:
    """A window at each of the servers, and no browser when there are none."""
    with ThreadPoolExecutor(1, "browser") as thread:
        some = Onlookers(thread)
        if not servers:
            yield some
            return
        try:
            await some.open(servers, room)
            yield some
        finally:
            await some.close()
