"""One WebSocket: it passes inbound frames on to their bindings, and sends the frames of its groups."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile

from starlette.types import Message, Receive, Send

from webapp.live.binding import Refused, Reply
from webapp.live.contexts import Closed
from webapp.live.fanout import EVERYBODY, Subscriber
from webapp.live.presence import key_of
from webapp.live.protocol.engine import Engine, Stream
from webapp.live.protocol.replies import as_json, flooding
from webapp.live.protocol.requests import Request, from_form, from_invalid, from_json, parse, seqs_of
from webapp.live.protocol.socket_budget import SocketBudget
from webapp.live.visitor import Visitor, visitor_of_task

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Inbound frames of one socket that the server acts upon at the same time; the next ones wait in the network."""

LOOK = 0.25
"""Seconds after which a socket that waits looks whether it has been closed meanwhile."""

LOST = 1006
"""The close code that stands for a socket that ended without a close frame."""

FORBIDDEN = 4403
"""The close code for a visitor who may not read, or may no longer read. Clients do not reconnect after it."""

CLOSED = Reply("live/_closed.html", Closed("forbidden"), error={"reason": "forbidden"})
"""The reply to a visitor who may not read, or may no longer read."""


class Connection:
    """One visitor's socket on a page: an accepted ASGI connection.

    Args:
        engine: The parts that carry requests out.
        streams: The page's bindings by stream, each with the group of the page.
        visitor: The visitor that the handshake named, or a new one.
        send: Sends an ASGI event.
        write: Writes encoded frames if the client can take them now; None: the server has no such extension.
        as_json: The client takes JSON instead of HTML.
        language: The language of the page.
        is_present: The page shows which visitors are in the group of its first stream.
        identify: Returns the visitor that a page's signed text names, or None. Given if the handshake named no
            visitor.
        closed: Tells a visitor who may not read, or no longer, that the page is closed.
    """

    __slots__ = (
        *(
            "_answering",
            "_budget",
            "_closed",
            "_engine",
            "_has_entered",
            "_identify",
            "_is_present",
            "_leaving",
            "_page",
        ),
        *("_send", "_streams", "_subscriber", "_visitor"),
    )

    def __init__(
        self,
        engine: Engine,
        streams: Mapping[str, Stream],
        visitor: Visitor,
        send: Send,
        *,
        write: Callable[[bytes], bool] | None = None,
        as_json: bool = False,
        language: str = EVERYBODY,
        is_present: bool = True,
        identify: Callable[[str], Visitor | None] | None = None,
        closed: Reply = CLOSED,
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._visitor = visitor
        self._send = send
        self._subscriber = Subscriber(
            key=key_of(visitor),
            send=send,
            write=write,
            stall_limit=engine.stall_limit,
            as_json=as_json,
            language=language,
            recheck_access=self._recheck_access,
        )
        self._answering: dict[asyncio.Task[None], None] = {}
        self._is_present = is_present
        self._has_entered = False
        self._identify = identify
        self._closed = closed
        self._page = ""
        self._leaving: asyncio.Task[None] | None = None
        self._budget = SocketBudget(engine.networks, visitor.network)

    @property
    def is_known(self) -> bool:
        """Whether this is the socket of a page, of a visitor that was known from the first, who could read it."""
        may_read = self._has_entered and self._leaving is None
        return may_read and self._identify is None and not self._subscriber.as_json

    @property
    def visitor(self) -> Visitor:
        """The visitor."""
        return self._visitor

    @property
    def group(self) -> str:
        """The group of the page's first stream."""
        return next(iter(self._streams.values())).group

    async def run(self, receive: Receive) -> None:
        """Serve the socket until it closes."""
        message: Message = {}
        if not await self._may_read():
            await self._withdraw()
            return
        self._engine.observer.socket_opened()
        # If frames went out before the second check, the visitor could read changes that were committed after it lost
        # the right to read them, so the socket is paused.
        self._subscriber.pause()
        for group in self._groups:
            self._engine.hub.subscribe(group, self._subscriber)
        # Each socket of a client that keeps no cookie would count as one more visitor for a minute. So such a client
        # counts when it sends the text of a page.
        if self._identify is None:
            self._enter()
        try:
            for feed in self._subscriber.feeds:
                await feed.opened.wait()
            # If access were not checked again, a change of rights before the feeds had opened would be missed.
            await self._recheck_access()
            self._subscriber.resume_sending()
            while (message := await receive())["type"] == "websocket.receive":
                # A visitor who may no longer read may not act either.
                if self._leaving is None:
                    await self._take(message.get("text"))
        finally:
            self._subscriber.leave()
            code = message.get("code", LOST)
            self._engine.observer.socket_closed(code)
            if self._has_entered:
                self._engine.presence.leave(self.group, self._visitor, code)

    def _enter(self) -> None:
        if self._is_present:
            self._has_entered = True
            self._engine.presence.enter(self.group, self._visitor)

    @property
    def _groups(self) -> Iterable[str]:
        return dict.fromkeys(stream.group for stream in self._streams.values())

    async def _may_read(self) -> bool:
        # A frame holds the changes of all bindings of a group. If one binding were not asked, its rows would reach a
        # visitor who may not read them.
        asked = [(stream.binding, stream.group) for stream in self._streams.values()]
        shown = [(binding, group) for group in self._groups for binding in self._engine.hub.frames.of(group)]
        for binding, group in dict.fromkeys([*asked, *shown]):
            if not await binding.can_subscribe(self._visitor, group):
                return False
        return True

    async def _recheck_access(self, group: str = "") -> None:
        if not self._subscriber.closed and not await self._may_read():
            self._subscriber.leave()
            logger.info("visitor %.8s may not read %s any more", self._visitor.id, group or "a group")
            # If this were awaited, a client that stalls would delay the frames of all others.
            self._leaving = asyncio.create_task(self._withdraw())

    async def _withdraw(self) -> None:
        self._engine.observer.refused("forbidden")
        await self._reply(self._closed, Request(None))
        with suppress(Exception):  # the client may be gone already
            await self._send({"type": "websocket.close", "code": FORBIDDEN, "reason": "forbidden"})

    async def _take(self, text: str | None) -> None:
        # If frames had no tasks, each message of a visitor would wait for the commit of the one before.
        task = asyncio.create_task(self._answer(text, *self._read(text)))
        self._answering[task] = None
        task.add_done_callback(self._answering.pop)
        if len(self._answering) >= AT_ONCE:
            await asyncio.wait([task])
        until = time.monotonic() + self._budget.debt
        while (left := until - time.monotonic()) > 0 and self._subscriber.is_open:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(min(left, LOOK))

    def _read(self, text: str | None) -> tuple[Request, Refused | None]:
        """Return what a frame asks for, or why it cannot be, and count a frame that writes nothing.

        If its task counted it, a socket could send AT_ONCE such frames before the budget learns of the first.
        """
        request = Request(None)
        try:
            frame = parse(text)
            if self._subscriber.as_json:
                request = from_invalid(frame)
                request = from_json(frame)
            else:
                request = from_form(frame)
        except Refused as refused:
            self._budget.refuse(self._visitor.id, refused.reason)
            # Its traceback would keep the frame's text for as long as the refusal.
            return request, refused.with_traceback(None)
        if request.action in ("resume", "typing", "draft"):
            self._budget.spend()
        return request, None

    async def _answer(self, text: str | None, request: Request, unread: Refused | None) -> None:
        reply: Reply | None
        try:
            reply = await self._act(request) if unread is None else self._refusal(unread, text)
        except Refused as refused:
            self._budget.refuse(self._visitor.id, refused.reason)
            reply = self._refusal(refused, text)
        except Exception:
            self._engine.observer.refused("failed")
            self._budget.spend()
            logger.exception("a frame of visitor %.8s failed", self._visitor.id)
            reply = Refused("failed").reply
        if reply is not None and reply.error is not None:
            await self._earlier_answered()
        if reply is not None and not self._subscriber.closed:
            await self._reply(reply, request)

    def _refusal(self, refused: Refused, text: str | None) -> Reply:
        self._engine.observer.refused(refused.reason)
        return (self._given_back(refused, text) or refused).reply

    def _given_back(self, refused: Refused, text: str | None) -> Refused | None:
        # The page has emptied its form. If the refusal did not give the text back, the visitor would lose it. Any text
        # is within this limit; websockets closes the socket beyond 1 MiB.
        if refused.reason != "too_large" or text is None or self._subscriber.as_json:
            return None
        try:
            request = from_form(parse(text, limit=len(text) * 4))
        except Refused:
            return None
        stream = self._streams.get(request.stream)
        return stream.binding.oversized(request.action, request.data) if stream else None

    async def _earlier_answered(self) -> None:
        # A refusal is faster than a commit. If it did not wait, the "done" of an earlier frame would come later, and
        # remove the words of the refusal from the page.
        me = asyncio.current_task()
        earlier = list(takewhile(lambda task: task is not me, self._answering))
        if earlier:
            await asyncio.wait(earlier)

    async def _reply(self, reply: Reply, request: Request) -> None:
        if self._subscriber.as_json:
            text = as_json(reply, request)
        else:
            text = self._engine.wording.in_language(self._subscriber.language)(reply.template, reply.context)
        try:
            if text:
                await self._subscriber.reply(text)
        except Exception as error:
            logger.debug("a reply found its socket gone: %r", error)

    async def _recognise(self, page: str) -> None:
        # If the text were not compared with the last one, every message would cost the check of a signature.
        if self._identify is None or not page or page == self._page:
            return
        visitor = self._identify(page)
        if visitor is None:
            return
        visitor = replace(visitor, network=self._visitor.network, network_key=self._visitor.network_key)
        self._page = page
        if visitor.id == self._visitor.id:
            return
        earlier, self._visitor = self._visitor, visitor
        self._subscriber.identify(key_of(visitor))
        if self._has_entered:
            self._engine.presence.replace(self.group, earlier, visitor)
        else:
            self._enter()
        await self._recheck_access()

    async def _act(self, request: Request) -> Reply | None:
        await self._recognise(request.visitor)
        visitor_of_task.set(self._visitor.id)
        if self._leaving is not None:
            return None
        if not request.stream and request.action == "resume":
            return self._resume(request.cursor)
        if not request.stream and request.action == "typing":
            self._typing(request.handle)
            return None
        stream = self._streams.get(request.stream)
        if stream is None:
            raise Refused("unknown_stream")
        inbound = self._engine.inbound(self._visitor, stream.group, request)
        await stream.require_may_act(stream.binding, request.action, inbound)
        return await stream.binding.perform(request.action, inbound)

    def _typing(self, name: object) -> None:
        if not isinstance(name, str | None):
            raise Refused("bad_field")
        if self._has_entered:
            self._engine.presence.type(self.group, self._visitor, name)

    def _resume(self, cursor: object) -> Reply | None:
        if seconds := self._budget.resume():
            self._engine.observer.refused("flooding")
            return flooding(seconds)
        feeds = self._subscriber.feeds
        for feed, seq in zip(feeds, seqs_of(cursor, len(feeds)), strict=True):
            # Cursor 0: a page has already rendered the first rows; a JSON client has none and needs a full reset.
            feed.catch_up(self._subscriber, seq or None if self._subscriber.as_json else seq)
        return None
