"""One WebSocket: its frames in, each to its binding, and the groups' frames out."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import takewhile
from typing import Any

from starlette.types import Message, Receive, Send

from webapp.live.budget import Rate
from webapp.live.contexts import Closed, Problem
from webapp.live.engine import Live, Stream
from webapp.live.inbound import Refused, Reply, parse
from webapp.live.messages import encoded
from webapp.live.presence import key_of
from webapp.live.requests import Request, of_data, of_nothing, of_page
from webapp.live.subscriber import Subscriber
from webapp.live.visitor import Visitor

logger = logging.getLogger(__name__)

RESUMES = Rate(burst=10, per_second=1)
"""Resumes of one socket that are answered at once, and how many a second from then on; a page asks once."""

AT_ONCE = 16
"""Inbound frames of one socket that are acted upon at once; the next ones wait in the network."""

USELESS = Rate(burst=150, per_second=20)
"""Frames of one socket that write nothing: refused ones, and those that resume, carry a draft, or say who is typing.

More wait, in the network. A page never gets there: htmx keeps 100 frames at most while its socket is away.
"""

LOGGED_EACH = 5
"""Refused frames of one socket that are logged each; of those that follow, every one whose number is a power of 2."""

LOST = 1006
"""The close code of a socket that ended without one."""

FORBIDDEN = 4403
"""The close code for who may not read, or may not any more; nothing reconnects after it."""


class Connection:
    """One visitor's socket on a page that shows `streams`; an accepted ASGI connection.

    as_json: it speaks data instead of HTML. is_present: the others on the page see who is here. identify: gives the
    visitor that a page's signed text names, or None; for a handshake that did not say whose it is.
    """

    __slots__ = (
        *("_answering", "_identify", "_is_present", "_leaving", "_live", "_page", "_refused", "_resumed"),
        *("_send", "_streams", "_subscriber", "_useless", "_visitor"),
    )

    def __init__(
        self,
        live: Live,
        streams: Mapping[str, Stream],
        visitor: Visitor,
        send: Send,
        write: Callable[[bytes], bool] | None = None,
        as_json: bool = False,
        is_present: bool = True,
        identify: Callable[[str], Visitor | None] | None = None,
    ) -> None:
        self._live = live
        self._streams = streams
        self._visitor = visitor
        self._send = send
        self._subscriber = Subscriber(key_of(visitor), send, write, live.patience, as_json)
        self._subscriber.review = self._review
        self._answering: dict[asyncio.Task[None], None] = {}
        self._is_present = is_present
        self._identify = identify
        self._page = ""
        self._leaving: asyncio.Task[None] | None = None
        self._refused = 0
        self._resumed = 0.0
        self._useless = 0.0

    async def run(self, receive: Receive) -> None:
        """Serve the socket until it closes."""
        message: Message = {}
        if not await self._may_read():
            await self._withdraw()
            return
        # What comes in between may have been committed after it lost the right to read it.
        self._subscriber.hold()
        for group in self._groups:
            self._live.hub.subscribe(group, self._subscriber)
            if self._is_present:
                self._live.presence.enter(group, self._visitor)
        try:
            for feed in self._subscriber.feeds:
                await feed.opened.wait()
            # Again, now that no change of rights is missed any more.
            await self._review()
            self._subscriber.release()
            while (message := await receive())["type"] == "websocket.receive":
                # Who may not read any more may not act on what it sees either.
                if self._leaving is None:
                    await self._take(message.get("text"))
        finally:
            self._subscriber.leave()
            for group in self._groups if self._is_present else ():
                self._live.presence.leave(group, self._visitor, message.get("code", LOST))

    @property
    def _groups(self) -> Iterable[str]:
        return dict.fromkeys(stream.group for stream in self._streams.values())

    async def _may_read(self) -> bool:
        # A frame holds all that a group shows, so who may not read a part of it may not have it.
        shown = [Stream(binding, group) for group in self._groups for binding in self._live.hub.frames.of(group)]
        for binding, group in dict.fromkeys([*self._streams.values(), *shown]):
            if not await binding.can_subscribe(self._visitor, group):
                return False
        return True

    async def _review(self, group: str = "") -> None:
        if not self._subscriber.closed and not await self._may_read():
            self._subscriber.leave()
            logger.info("visitor %.8s may not read %s any more", self._visitor.id, group or "a group")
            # Not awaited: one who does not read must not hold up the others.
            self._leaving = asyncio.create_task(self._withdraw())

    async def _withdraw(self) -> None:
        await self._reply(Reply("live/_closed.html", Closed("forbidden"), error={"reason": "forbidden"}), Request(None))
        with suppress(Exception):  # it may be gone already
            await self._send({"type": "websocket.close", "code": FORBIDDEN, "reason": "forbidden"})

    async def _take(self, text: str | None) -> None:
        # A task a frame, so that what one visitor says in a row is committed together; they start in order.
        task = asyncio.create_task(self._answer(text))
        self._answering[task] = None
        task.add_done_callback(self._answering.pop)
        if len(self._answering) >= AT_ONCE:
            await asyncio.wait([task])
        if debt := USELESS.debt(self._useless):
            await asyncio.sleep(debt)

    async def _answer(self, text: str | None) -> None:
        request = Request(None)
        try:
            frame = parse(text)
            if self._subscriber.as_json:
                request = of_nothing(frame)
                request = of_data(frame)
            else:
                request = of_page(frame)
            reply = await self._act(request)
        except Refused as refused:
            self._note_refused(refused.reason)
            reply = self._given_back(refused, text) or refused.reply
        except Exception:
            self._useless = USELESS.spend(self._useless)
            logger.exception("a frame of visitor %.8s failed", self._visitor.id)
            reply = Refused("failed").reply
        if reply is not None and reply.error is not None:
            await self._earlier_answered()
        if reply is not None and not self._subscriber.closed:
            await self._reply(reply, request)

    def _given_back(self, refused: Refused, text: str | None) -> Reply | None:
        # A page has emptied its form by now. The socket bounds what is parsed here: websockets closes it beyond 1 MiB.
        if refused.reason != "too_large" or text is None or self._subscriber.as_json:
            return None
        try:
            request = of_page(parse(text, limit=len(text) * 4))
        except Refused:
            return None
        stream = self._streams.get(request.stream)
        return stream.binding.oversized(request.action, request.data) if stream else None

    def _note_refused(self, reason: str) -> None:
        self._useless = USELESS.spend(self._useless)
        self._refused += 1
        # If each were logged, one socket would fill the disk at a few hundred KB a second.
        if self._refused <= LOGGED_EACH or not self._refused & (self._refused - 1):
            logger.info("refused a frame of visitor %.8s: %s (no. %d)", self._visitor.id, reason, self._refused)

    async def _earlier_answered(self) -> None:
        # A refusal is faster than a commit: an earlier one's "done" would wipe away the words of the later one's "no".
        me = asyncio.current_task()
        earlier = list(takewhile(lambda task: task is not me, self._answering))
        if earlier:
            await asyncio.wait(earlier)

    async def _reply(self, reply: Reply, request: Request) -> None:
        text = _data(reply, request) if self._subscriber.as_json else self._live.render(reply.template, reply.context)
        try:
            if text:
                await self._subscriber.reply(text)
        except Exception as error:
            logger.debug("an answer found its socket gone: %r", error)

    async def _recognise(self, page: str) -> None:
        # Compared first, since checking a signature with every message costs more than keeping the text.
        if self._identify is None or not page or page == self._page:
            return
        visitor = self._identify(page)
        if visitor is None:
            return
        self._page = page
        if visitor.id == self._visitor.id:
            return
        earlier, self._visitor = self._visitor, visitor
        self._subscriber.key = key_of(visitor)
        for group in self._groups if self._is_present else ():
            self._live.presence.replace(group, earlier, visitor)
        await self._review()

    async def _act(self, request: Request) -> Reply | None:
        await self._recognise(request.visitor)
        if self._leaving is not None:
            return None
        if request.action in ("resume", "typing", "draft"):
            self._useless = USELESS.spend(self._useless)
        if not request.stream and request.action == "resume":
            return self._resume(request.cursor)
        if not request.stream and request.action == "typing":
            self._typing(request.handle)
            return None
        stream = self._streams.get(request.stream)
        if stream is None:
            raise Refused("unknown_stream")
        inbound = self._live.inbound(self._visitor, stream.group, request)
        return await stream.binding.perform(request.action, inbound)

    def _typing(self, name: object) -> None:
        if not isinstance(name, str | None):
            raise Refused("bad_field")
        for group in self._groups if self._is_present else ():
            self._live.presence.type(group, self._visitor, name)

    def _resume(self, cursor: object) -> Reply | None:
        # A few bytes ask for a whole list here; without a limit one client could have the server send without end.
        self._resumed = RESUMES.spend(self._resumed)
        if debt := RESUMES.debt(self._resumed):
            self._resumed -= 1 / RESUMES.per_second  # what is refused costs nothing more
            seconds = math.ceil(debt)
            problem = Problem("flooding", seconds)
            return Reply("live/_problem.html", problem, error={"reason": "flooding", "seconds": seconds})
        feeds = self._subscriber.feeds
        parts = cursor.split(".") if isinstance(cursor, str) else []
        for index, feed in enumerate(feeds):
            place = _place(parts[index]) if len(parts) == len(feeds) else None
            # A page at 0 shows what there was before the log began; a bot at 0 has nothing.
            feed.join(self._subscriber, place or None if self._subscriber.as_json else place)
        return None


def _data(reply: Reply, request: Request) -> str:
    """The answer as data; that all went well is told to who gave the request an id."""
    known: dict[str, Any] = {"stream": request.stream} if request.stream else {}
    if request.id is not None:
        known["id"] = request.id
    if reply.error is not None:
        return encoded({**known, "error": reply.error})
    return encoded({**known, "accepted": reply.data}) if request.id is not None else ""


def _place(text: str) -> int | None:
    """The place in a group's log that a cursor names, or None when it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
