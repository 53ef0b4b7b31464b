"""The far end of a socket that the app believes it has, in the test's own process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Generic, NamedTuple, Self, TypeVar

from starlette.types import Message as Event
from starlette.types import Receive, Send

from tests.support.patience import until

Frame = TypeVar("Frame")
"""What a reader makes of a text that it is sent."""


class Socket(NamedTuple):
    """The two ASGI channels of a socket, as the app is given them."""

    receive: Receive
    send: Send


class Reader(Generic[Frame]):
    """What a browser or a bot does with a socket. A subclass says what it makes of a text, and what it shows.

    While `reads` is clear it takes nothing more than what is on its way.

    Attributes:
        frames: What it was sent, in order.
        taken: How many events the app has read from it.
        waiting: How many sends of the app `reads` holds up.
        closed_with: The close code, once the app has closed the socket.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.taken = 0
        self.waiting = 0
        self.closed_with: int | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self._changed = asyncio.Event()
        self._inbox: asyncio.Queue[Event] = asyncio.Queue()

    def connect(self) -> Socket:
        """A new socket; what an earlier one still brings is lost."""
        inbox = self._inbox = asyncio.Queue()
        self.closed_with = None
        return Socket(partial(self._receive, inbox), partial(self._take, inbox))

    def send(self, *frames: object) -> None:
        """Send frames, which are there at once: texts and bytes as they are, everything else as JSON."""
        for frame in frames:
            kind = "bytes" if isinstance(frame, bytes) else "text"
            data = frame if isinstance(frame, str | bytes) else json.dumps(frame)
            self._inbox.put_nowait({"type": "websocket.receive", kind: data})

    def close(self, code: int = 1001) -> None:
        """Close the socket, after what was sent."""
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": code})

    async def until(self, true_of: Callable[[Self], object], timeout: float | None = None) -> None:
        """Wait until it is so; raises AssertionError after PATIENCE, or `timeout` seconds, or what ended the socket."""

        def so() -> bool:
            if true_of(self):
                return True
            self._check()
            return False

        await until(so, self._changed, self._state, timeout)

    def _read(self, text: str) -> Frame:
        """Take a text in; what is kept of it in `frames`."""
        raise NotImplementedError

    def _check(self) -> None:
        """Raise what ended the socket, if that is known."""

    def _state(self) -> object:
        """What a wait that failed tells."""
        return self.frames[-5:], self.closed_with

    async def _receive(self, inbox: asyncio.Queue[Event]) -> Event:
        event = await inbox.get()
        self.taken += 1
        self._changed.set()
        return event

    async def _take(self, inbox: asyncio.Queue[Event], event: Event) -> None:
        self.waiting += 1
        self._changed.set()
        await self.reads.wait()
        self.waiting -= 1
        if inbox is not self._inbox:
            raise ConnectionResetError
        assert self.closed_with is None, f"{event} after the close"
        if event["type"] == "websocket.close":
            self.closed_with = event["code"]
        else:
            self._keep(event["text"])
        self._changed.set()

    def _keep(self, text: str) -> None:
        self.frames.append(self._read(text))


class TextReader(Reader[str]):
    """Keeps the texts, and makes nothing of them."""

    def _read(self, text: str) -> str:
        return text
