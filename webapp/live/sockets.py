"""One WebSocket: its frames in, each to its binding, and the groups' frames out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from starlette.types import Message, Receive, Send

from webapp.live.binding import Binding, Render
from webapp.live.hub import Hub
from webapp.live.inbound import Inbound, Refused, Reply, parse
from webapp.live.presence import Presence, key_of
from webapp.live.subscriber import Subscriber
from webapp.live.visitor import Visitor
from webapp.live.writer import Writer

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Inbound frames of one socket that are acted upon at once; the next ones wait in the network."""

LOST = 1006
"""The close code of a socket that ended without one."""

PATIENCE = 20.0
"""Seconds that a reader may not read."""


@dataclass(frozen=True, slots=True)
class Live:
    """The engine's parts, as the composition root puts them together."""

    hub: Hub
    writer: Writer
    presence: Presence
    render: Render
    patience: float = PATIENCE


class Stream(NamedTuple):
    """A binding on a socket, with the group that its inbound actions concern."""

    binding: Binding[Any]
    group: str


class Connection:
    """One visitor's socket on a page that shows `streams`; an accepted ASGI connection."""

    __slots__ = ("_answering", "_live", "_send", "_streams", "_subscriber", "_visitor")

    def __init__(
        self,
        live: Live,
        streams: Mapping[str, Stream],
        visitor: Visitor,
        send: Send,
        write: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._live = live
        self._streams = streams
        self._visitor = visitor
        self._send = send
        self._subscriber = Subscriber(key_of(visitor), send, write, live.patience)
        self._answering = 0
        for group in self._groups:
            live.hub.subscribe(group, self._subscriber)
            live.presence.enter(group, visitor)

    async def run(self, receive: Receive) -> None:
        """Serve the socket until it closes."""
        message: Message = {}
        try:
            for feed in self._subscriber.feeds:
                await feed.opened.wait()
            while (message := await receive())["type"] == "websocket.receive":
                await self._take(message.get("text"))
        finally:
            self._subscriber.leave()
            for group in self._groups:
                self._live.presence.leave(group, self._visitor, message.get("code", LOST))

    @property
    def _groups(self) -> Iterable[str]:
        return dict.fromkeys(stream.group for stream in self._streams.values())

    async def _take(self, text: str | None) -> None:
        # A task a frame, so that what one visitor says in a row is committed together; they start in order.
        task = asyncio.create_task(self._answer(text))
        self._answering += 1
        task.add_done_callback(self._answered)
        if self._answering >= AT_ONCE:
            await asyncio.wait([task])

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering -= 1

    async def _answer(self, text: str | None) -> None:
        try:
            reply = await self._act(parse(text))
        except Refused as refused:
            logger.info("refused a frame of visitor %.8s: %s", self._visitor.id, refused.reason)
            reply = refused.reply
        except Exception:
            logger.exception("a frame of visitor %.8s failed", self._visitor.id)
            reply = Refused("failed").reply
        if reply is not None and not self._subscriber.closed:
            await self._reply(reply)

    async def _reply(self, reply: Reply) -> None:
        html = self._live.render(reply.template, reply.context)
        try:
            await self._send({"type": "websocket.send", "text": html})
        except Exception as error:
            logger.debug("an answer found its socket gone: %r", error)

    async def _act(self, frame: Mapping[str, Any]) -> Reply | None:
        if frame.get("action") == "resume":
            self._resume(frame.get("cursor"))
            return None
        if frame.get("action") == "typing":
            self._typing(frame.get("handle"))
            return None
        name = frame.get("stream")
        stream = self._streams.get(name) if isinstance(name, str) else None
        if stream is None:
            raise Refused("unknown_stream")
        pk = frame.get("pk")
        if pk is not None and (isinstance(pk, bool) or not isinstance(pk, str | int)):
            raise Refused("bad_field")
        inbound = Inbound(
            self._visitor,
            stream.group,
            self._live.writer,
            partial(self._live.presence.said, stream.group, self._visitor),
            None if pk is None else str(pk),
            frame,
        )
        return await stream.binding.perform(frame.get("action"), inbound)

    def _typing(self, name: object) -> None:
        if not isinstance(name, str | None):
            raise Refused("bad_field")
        for group in self._groups:
            self._live.presence.type(group, self._visitor, name)

    def _resume(self, cursor: object) -> None:
        feeds = self._subscriber.feeds
        parts = cursor.split(".") if isinstance(cursor, str) else []
        for index, feed in enumerate(feeds):
            feed.join(self._subscriber, _place(parts[index]) if len(parts) == len(feeds) else None)


def _place(text: str) -> int | None:
    """The place in a group's log that a cursor names, or None when it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
