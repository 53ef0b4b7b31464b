"""A visitor whose network is bad: it comes and goes in all the ways that a real one does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

GAP = 0.4
"""Seconds that a visitor is away at most."""


class RestlessClient(LiveClient):
    """A `LiveClient` that draws from `chance` how it loses its connection, and how it comes back."""

    def __init__(self, url: str, label: str, chance: random.Random) -> None:
        super().__init__(url, label, retry=chance.uniform(0.3, 0.8))
        self.chance = chance
        self.gaps = 0

    async def wander(self, until: asyncio.Event) -> None:
        """Come and go until the event is set."""
        while not until.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), self.chance.uniform(0.5, 4))
            await self.stumble()

    async def stumble(self) -> None:
        """Lose the connection in one of the possible ways, and come back in one of them."""
        self.check()
        self.gaps += 1
        await self.chance.choice([self.drop, self.say_goodbye])()
        await asyncio.sleep(self.chance.uniform(0, GAP))
        how = self.chance.random()
        if how < 0.3:
            await self.peek()
        elif how < 0.4:
            await self.try_to(self.load)
        while not self.connected:
            await self.drop()
            await self.try_to(self.reconnect)

    async def say_goodbye(self) -> None:
        """Close as a hidden tab does."""
        socket = self._socket
        if socket is not None:
            await socket.close(1001)
        await self.drop()

    async def peek(self) -> None:
        """Open a socket, take what comes, and lose it before the page has asked for what it missed."""
        base = self.http.base_url
        with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
            async with connect(f"ws://{base.host}:{base.port}{self.page.live_path}", compression=None) as socket:
                cursor = self.page.cursor
                try:
                    async with asyncio.timeout(self.chance.uniform(0.01, 0.3)):
                        while True:
                            frame = await socket.recv()
                            assert isinstance(frame, str)
                            self.page.apply(frame)
                            assert self.page.cursor == cursor, "a page that has not resumed was given a cursor"
                finally:
                    socket.transport.abort()

    async def try_to(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do `step`, or wait a little when the server is not there."""
        try:
            await step()
        except (OSError, InvalidHandshake, ConnectionClosed, httpx.TransportError):
            await self.drop()
            await asyncio.sleep(self.chance.uniform(0.1, GAP))

    async def insist(self, handle: str, text: str) -> None:
        """Say this until it is seen to be accepted, sending the same form again after each lost connection."""
        fields = {**self.page.fields("composer"), "handle": handle, "message": text}
        copies = 0
        while True:
            copies += 1
            # Before the sending: what goes over a socket that is lost meanwhile is answered on no other.
            socket = self._socket
            await self.send(fields)
            await self.until(partial(self._answered, socket, fields["nonce"]))
            if _nonce(self.page) != fields["nonce"]:
                assert not self.page.text_of("composer-error"), self.page.text_of("composer-error")
                if copies > 1:
                    # Each copy is answered, and a late answer would pass for that to the next text.
                    await self.drop()
                return
            # Most often this waits for the next opening, and is sent then before the page asks for what it missed.
            if self.chance.random() < 0.2:
                await self.until(lambda _: self.connected)

    def _answered(self, socket: object, nonce: str, page: PageModel) -> bool:
        return self._socket is not socket or _nonce(page) != nonce

    def check(self) -> None:
        """Raise what broke this page, if anything did."""
        self._raise_what_broke()


def _nonce(page: PageModel) -> str:
    return page.fields("nonce")["nonce"]
