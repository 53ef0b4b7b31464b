"""Many readers of one room over two processes, some of whom talk all the while and never load their page again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from tests.contract.crowd_member import CrowdMember
from tests.contract.deployment import Deployment
from tests.support.database_shell import Row
from tests.support.patience import PATIENCE, eventually

TALKERS = 8
ARRIVALS = 16
"""Readers that arrive at a time."""


class Crowd:
    """Half of the readers are at each process, and half of all never drop their connection by themselves."""

    def __init__(self, deployment: Deployment, room: str, seed: int, readers: int) -> None:
        chance = random.Random(seed)
        self.deployment = deployment
        self.room = room
        self.accepted: list[str] = []
        self.readers = [
            CrowdMember(deployment.servers[number % 2].url, room, random.Random(chance.random()))
            for number in range(readers)
        ]
        # By fours: both processes have readers of both kinds.
        self.steady = [each for number, each in enumerate(self.readers) if number % 4 < 2]
        self.talkers = self.readers[:TALKERS]
        self._probes = 0
        self._over = asyncio.Event()
        self._lively = asyncio.Event()
        self._lively.set()
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for start in range(0, len(self.readers), ARRIVALS):
            some = self.readers[start : start + ARRIVALS]
            await asyncio.gather(*(self._stack.enter_async_context(each) for each in some))
        self._tasks = [asyncio.create_task(self._talk(each, f"talker-{n}")) for n, each in enumerate(self.talkers)]
        self._tasks += [asyncio.create_task(self._wander(each)) for each in self.readers if each not in self.steady]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.__aexit__(kind, error, trace)

    @property
    def talks(self) -> bool:
        """Whether it has not settled yet."""
        return not self._over.is_set()

    async def fresh(self, since: float | None = None, timeout: float = PATIENCE) -> float:
        """Say something at one process, then at the other; the most seconds until every page of both showed it.

        Meanwhile nobody else talks, as that alone has a process look at the log, and nobody drops a connection. The
        first time is counted from `since`, if given. Raises AssertionError.
        """
        self._lively.clear()
        try:
            first = await self._reaches_all(self.steady[-2], since or time.monotonic(), timeout)
            return max(first, await self._reaches_all(self.steady[-1], time.monotonic(), timeout))
        finally:
            self._lively.set()

    async def _reaches_all(self, reader: CrowdMember, since: float, timeout: float) -> float:
        self._probes += 1
        text = f"probe-{self._probes}-end"
        for each in self.readers:
            each.fresh_frames()
        said = asyncio.create_task(self._accept(reader, "probe", text))
        lacking = set(self.readers)
        try:
            async with asyncio.timeout(timeout):
                while lacking:
                    self.check()
                    await asyncio.sleep(0.02)
                    lacking -= {each for each in lacking if any(text in frame for frame in each.fresh_frames())}
                took = time.monotonic() - since
                await said
        except TimeoutError:
            raise AssertionError(f"{len(lacking)} readers lack {text} after {timeout} s") from None
        finally:
            said.cancel()
        return took

    async def talk_on(self, steps: int) -> None:
        """Wait until so many more frames have moved the cursor of every page that keeps its connection."""
        for each, before in [(each, each.page.steps) for each in self.steady]:
            await each.has_taken(before + steps)

    async def settle(self) -> list[Row]:
        """End the talk, and wait until every page shows what the database has; the rows.

        What was lost has to be on the page by itself: from now on nobody says anything or opens a socket, which would
        have the page catch up.
        """
        async with asyncio.timeout(2 * PATIENCE):
            self._over.set()
            await asyncio.gather(*self._tasks)
            for each in self.readers:
                await each.is_back()
        opened = [each.opened for each in self.readers]
        rows, head = await self.deployment.rows(self.room), await self.deployment.head(self.room)
        wrong: dict[int, str] = {}

        def right() -> bool:
            nonlocal wrong
            self.check()
            wrong = {n: why for n, each in enumerate(self.readers) if (why := each.page.wrong_with(rows, head))}
            return not wrong

        await eventually(right, lambda: f"{len(wrong)} pages are wrong: {str(wrong)[:300]}", 0.1)
        self.check()
        assert opened == [each.opened for each in self.readers], "a socket was lost when all was quiet"
        return rows

    def check(self) -> None:
        """Raise what broke a reader's page, or a talker."""
        for reader in self.readers:
            reader.check()
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _accept(self, reader: CrowdMember, handle: str, text: str) -> None:
        await reader.say_once(handle, text)
        self.accepted.append(text)

    async def _talk(self, reader: CrowdMember, handle: str) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            await self._lively.wait()
            await self._accept(reader, handle, f"{handle} says {number}")
            await asyncio.sleep(reader.chance.uniform(0.05, 0.3))

    async def _wander(self, reader: CrowdMember) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), reader.chance.uniform(1, 6))
            if self._lively.is_set() and not self._over.is_set():
                await reader.stumble()


def wrong_in(rows: Sequence[Row], accepted: Sequence[str]) -> str:
    """What is in the database otherwise than exactly once each text that was seen accepted, or ""."""
    kept = [row.text for row in rows]
    lost = set(accepted) - set(kept)
    twice = {text for text in kept if kept.count(text) > 1}
    other = set(kept) - set(accepted)
    return f"lost {lost}, twice {twice}, never accepted {other}"[:300] if lost or twice or other else ""
