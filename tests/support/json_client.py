"""A bot: it speaks `binding.json` on a page's socket, and keeps the rows that it is told of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.patience import until

PROTOCOL = Subprotocol("binding.json")

Rows = dict[str, dict[Any, dict[str, Any]]]
"""Stream → primary key → the fields of the row."""


class Copy:
    """What a bot makes of the texts that it gets, as docs/json.md says. seq: the last one that it was told."""

    def __init__(self) -> None:
        self.rows: Rows = {}
        self.seq = 0

    def apply(self, frame: dict[str, Any]) -> None:
        """Take one frame."""
        payload = frame.get("payload")
        if payload is not None:
            rows = self.rows.setdefault(frame["stream"], {})
            match payload["action"]:
                case "reset":
                    rows.clear()
                case "create":
                    rows[payload["pk"]] = dict(payload["data"])
                case "update":
                    rows.setdefault(payload["pk"], {}).update(payload["data"])
                case "delete":
                    rows.pop(payload["pk"], None)
                case other:
                    raise AssertionError(f"an action {other}")
        self.seq = frame.get("seq", self.seq)


class JsonClient:
    """A bot with the socket at `path` of the server at `url`; use it as an async context manager.

    seq: where it resumes from; None leaves that to `resume`. frames: all that it got.
    """

    def __init__(self, url: str, path: str = "/values/live", seq: int | None = 0) -> None:
        self.copy = Copy()
        self.frames: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self._url = url.replace("http", "ws", 1) + path
        self._first = seq
        self._ids = 0
        self._changed = asyncio.Event()
        self._socket: ClientConnection
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self.connect()
        if self._first is not None:
            await self.resume(self._first)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        broken = self._reader.exception() if self._reader.done() and not self._reader.cancelled() else None
        await self.drop()
        if broken is not None and error is None:
            raise broken

    @property
    def rows(self) -> Rows:
        """The rows that it knows."""
        return self.copy.rows

    async def connect(self) -> None:
        """Open the socket, and ask for nothing."""
        self._socket = await connect(self._url, subprotocols=[PROTOCOL], compression=None, max_size=None)
        assert self._socket.subprotocol == PROTOCOL
        self.closed_with = None
        self._reader = asyncio.create_task(self._read(self._socket))

    async def drop(self) -> None:
        """Lose the connection without a goodbye."""
        self._socket.transport.abort()
        self._reader.cancel()
        await asyncio.wait([self._reader])

    async def resume(self, seq: int | None = None) -> None:
        """Ask for what was missed since `seq`, by default the last that it was told, and wait until it is there."""
        seen = len(self.frames)
        await self.send({"action": "resume", "seq": self.copy.seq if seq is None else seq})
        await self.until(lambda _: any(frame.get("resumed") for frame in self.frames[seen:]))

    async def send(self, frame: object) -> None:
        """Send a frame: a text or bytes as they are, everything else as JSON."""
        await self._socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def ask(self, stream: str, action: str, pk: object = None, **data: Any) -> dict[str, Any]:
        """Ask for an action, and give what is answered: `accepted`, or `error`."""
        return await self.asked({"stream": stream, "payload": {"action": action, "pk": pk, "data": data}})

    async def asked(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The answer to a frame, which gets an id for this."""
        self._ids += 1
        number = f"asked-{self._ids}"
        await self.send({**frame, "id": number})
        await self.until(lambda _: any(frame.get("id") == number for frame in self.frames))
        return next(frame for frame in self.frames if frame.get("id") == number)

    async def create(self, stream: str, **data: Any) -> Any:
        """Make a row, and give its primary key."""
        answer = await self.ask(stream, "create", **data)
        return answer["accepted"]["pk"]

    async def until(self, true_of: Callable[[Rows], bool], timeout: float | None = None) -> None:
        """Wait until it is so; raises AssertionError after PATIENCE, or `timeout` seconds, or what broke it."""

        def so() -> bool:
            if true_of(self.rows):
                return True
            if self._reader.done():
                self._reader.result()
            return False

        await until(so, self._changed, lambda: (self.rows, self.closed_with, self.frames[-5:]), timeout)

    async def until_closed(self) -> int:
        """Wait until the server has closed the socket, and give the close code."""
        await self.until(lambda _: self.closed_with is not None)
        assert self.closed_with is not None
        return self.closed_with

    async def _read(self, socket: ClientConnection) -> None:
        try:
            with suppress(ConnectionClosed):
                async for text in socket:
                    assert isinstance(text, str), "a binary frame"
                    frame = json.loads(text)
                    self.frames.append(frame)
                    self.copy.apply(frame)
                    self._changed.set()
            self.closed_with = socket.close_code or 1006
        finally:
            self._changed.set()
