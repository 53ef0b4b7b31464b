"""Many readers of one room over two processes, some of whom talk all the while and never load their page again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.contract.deployment import Deployment
from tests.contract.outside import Row
from tests.contract.restless import Restless
from tests.contract.strict import StrictPage
from tests.live_client import _frame

TALKERS = 8
ARRIVALS = 16
"""Readers that arrive at a time."""

ENOUGH = 100
"""Frames that every page has taken before a crowd is done: a mistake that is made once in a hundred has to show."""


class Reader(Restless):
    """Somebody whose page is loaded once. opened: how many sockets it had. codes: what the server closed them with."""

    model = StrictPage
    page: StrictPage

    def __init__(self, url: str, label: str, chance: random.Random) -> None:
        super().__init__(url, label, chance)
        self.opened = 0
        self.codes: list[int] = []
        self.refused: set[str] = set()
        self._seen = 0

    def fresh_frames(self) -> list[str]:
        """The frames that came since the last call."""
        fresh, self._seen = self.frames[self._seen :], len(self.frames)
        return fresh

    @property
    def closed_with(self) -> int | None:
        """The last close code, while the socket is down."""
        return self._code

    @closed_with.setter
    def closed_with(self, code: int | None) -> None:
        self._code = code
        if code is not None:
            self.codes.append(code)

    async def reconnect(self) -> None:
        """Open the socket."""
        await super().reconnect()
        self.opened += 1

    async def stumble(self) -> None:
        """Lose the connection, and come back; the page stays as it is."""
        self.check()
        await self.chance.choice([self.drop, self.say_goodbye])()
        await asyncio.sleep(self.chance.uniform(0, 0.5))
        while not self.connected:
            await self.drop()
            await self.try_to(self.reconnect)

    async def say_once(self, handle: str, text: str) -> None:
        """Say this until it is seen to be accepted, with one nonce. A refusal is kept in `refused`."""
        fields = {**self.page.fields("composer"), "handle": handle, "message": text}
        while True:
            await self.until(lambda _: self.connected, 30)
            socket, start = self._socket, len(self.frames)
            assert socket is not None
            with suppress(ConnectionClosed):
                await socket.send(_frame(fields))
            # One form is on its way at a time, and only its answer carries a nonce.
            nonce = await self._answer(socket, start)
            if nonce and nonce != fields["nonce"]:
                return
            if nonce:
                self.refused.add(self.page.text_of("composer-error"))
                await asyncio.sleep(self.chance.uniform(0.2, 0.6))

    async def _answer(self, socket: ClientConnection, start: int) -> str:
        """The nonce in the frames from `start` on, or "" when `socket` was lost before one came."""

        def answered() -> bool:
            return any('id="nonce"' in frame for frame in self.frames[start:])

        await self.until(lambda _: answered() or self._socket is not socket, 30)
        return self.page.fields("nonce")["nonce"] if answered() else ""

    def _state(self, timeout: float) -> str:
        return f"not so within {timeout} s: connected {self.connected}, {str(self.frames[-1:])[:300]}"


class Crowd:
    """Half of the readers are at each process, and half of all never drop their connection by themselves."""

    def __init__(self, deployment: Deployment, room: str, seed: int, readers: int) -> None:
        chance = random.Random(seed)
        self.deployment = deployment
        self.room = room
        self.accepted: list[str] = []
        self.readers = [
            Reader(deployment.servers[number % 2].url, room, random.Random(chance.random()))
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

    async def fresh(self, since: float | None = None, timeout: float = 20) -> float:
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

    async def _reaches_all(self, reader: Reader, since: float, timeout: float) -> float:
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

    async def settle(self) -> list[Row]:
        """End the talk when there was enough, and wait until every page shows what the database has; the rows.

        What was lost has to be on the page by itself: from now on nobody says anything or opens a socket, which would
        have the page catch up.
        """
        async with asyncio.timeout(40):
            for each in self.steady:
                await each.until(lambda _, each=each: each.page.steps >= ENOUGH, 40)  # type: ignore[misc]
            self._over.set()
            await asyncio.gather(*self._tasks)
            await asyncio.gather(*(each.until(lambda _, each=each: each.connected, 40) for each in self.readers))  # type: ignore[misc]
        opened = [each.opened for each in self.readers]
        rows, head = await self.deployment.rows(self.room), await self.deployment.head(self.room)
        deadline = time.monotonic() + 10
        while wrong := {n: why for n, each in enumerate(self.readers) if (why := each.page.wrong_with(rows, head))}:
            self.check()
            assert time.monotonic() < deadline, f"{len(wrong)} pages are wrong: {str(wrong)[:300]}"
            await asyncio.sleep(0.1)
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

    async def _accept(self, reader: Reader, handle: str, text: str) -> None:
        await reader.say_once(handle, text)
        self.accepted.append(text)

    async def _talk(self, reader: Reader, handle: str) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            await self._lively.wait()
            await self._accept(reader, handle, f"{handle} says {number}")
            await asyncio.sleep(reader.chance.uniform(0.05, 0.3))

    async def _wander(self, reader: Reader) -> None:
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
