"""Somebody in the crowd, whose page nothing but frames may change."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.contract.restless_client import RestlessClient
from tests.contract.strict import StrictPage
from tests.support.live_client import _frame
from tests.support.patience import PATIENCE


class CrowdMember(RestlessClient):
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

    async def is_back(self) -> None:
        """Wait until the socket is open."""
        await self.until(lambda _: self.connected)

    async def has_taken(self, steps: int) -> None:
        """Wait until so many frames have moved the page's cursor."""
        await self.until(lambda _: self.page.steps >= steps, 2 * PATIENCE)

    async def say_once(self, handle: str, text: str) -> None:
        """Say this until it is seen to be accepted, with one nonce. A refusal is kept in `refused`."""
        fields = {**self.page.fields("composer"), "handle": handle, "message": text}
        while True:
            await self.is_back()
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

        await self.until(lambda _: answered() or self._socket is not socket)
        return self.page.fields("nonce")["nonce"] if answered() else ""

    def _state(self) -> str:
        return f"connected {self.connected}, {str(self.frames[-1:])[:300]}"
