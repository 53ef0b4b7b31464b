"""Two windows of a real Chromium that sit in the room, one at each process, and are left alone."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import ConsoleMessage, Page, async_playwright

from tests.browser.conftest import FLAGS, temporary_folder
from tests.contract.strict import WINDOW
from tests.support.app_server import AppServer
from tests.support.database_shell import Row
from tests.support.patience import PATIENCE

AWAY = ("WebSocket connection to", "htmx:ws:error", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET")
"""What a window may complain of while its process is away."""

MARK = "for (const each of [window, document.getElementById('room')]) each.loadedOnce = true"

READ = """() => ({
    marked: window.loadedOnce === true && document.getElementById("room").loadedOnce === true,
    banner: document.getElementById("banner").textContent.trim(),
    messages: [...document.querySelectorAll("#log li[id]")].map(
        li => [li.id.replace("message-", ""), li.querySelector("b").textContent, li.querySelector("p").textContent]),
})"""


class Window:
    """One visitor's page. It is told nothing, and nothing is typed into it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    async def open(self, url: str) -> None:
        """Load the room, the only time, and mark what a load anew would take away."""
        async with self._page.expect_websocket():
            await self._page.goto(url)
        await self._page.evaluate(MARK)

    async def lacks(self, text: str) -> str:
        """What is on the page when nobody says just that there, or ""."""
        found = await self._page.evaluate(READ)
        if any(words == text for _, _, words in found["messages"]):
            return ""
        return f"{text} is not there, but {str(found)[-200:]}, and {self._complaints}"

    async def wrong_with(self, rows: Sequence[Row]) -> str:
        """What it shows otherwise than the newest of the room's messages in their order, without a banner, or ""."""
        found = await self._page.evaluate(READ)
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
        assert not self._complaints, str(self._complaints)[:300]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(each in message.text for each in AWAY):
            self._complaints.append(message.text)


class Windows:
    """All of them."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = windows

    async def show(self, text: str) -> None:
        """Wait until each shows that text."""
        await self._until_nothing(lambda window: window.lacks(text))

    async def settle(self, rows: Sequence[Row]) -> None:
        """Wait until each shows the newest of these rows; nothing may come to its help."""
        await self._until_nothing(lambda window: window.wrong_with(rows))
        for each in self._windows:
            each.check()

    async def _until_nothing(self, is_wrong: Callable[[Window], Awaitable[str]]) -> None:
        deadline = time.monotonic() + PATIENCE
        for number, each in enumerate(self._windows):
            while wrong := await is_wrong(each):
                assert time.monotonic() < deadline, f"window {number}: {wrong[:400]}"
                await asyncio.sleep(0.1)


@asynccontextmanager
async def windows(servers: Sequence[AppServer], room: str) -> AsyncIterator[Windows]:
    """A window at each of the servers, and no browser when there are none."""
    if not servers:
        yield Windows([])
        return
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path is not None, "no Chromium on the PATH"
    async with AsyncExitStack() as stack:
        stack.enter_context(temporary_folder())
        playwright = await stack.enter_async_context(async_playwright())
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE * 1000)
        browser = await stack.enter_async_context(launched)
        opened = []
        for server in servers:
            context = await browser.new_context()
            context.set_default_timeout(PATIENCE * 1000)
            opened.append(Window(await context.new_page()))
            await opened[-1].open(f"{server.url}/{room}/")
        yield Windows(opened)
