"""One group in this process: follows the change log and sends every subscriber the same frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from webapp.live.changes import KEPT, Change
from webapp.live.frames import Frame
from webapp.live.subscriber import Subscriber

if TYPE_CHECKING:
    from webapp.live.hub import Hub

logger = logging.getLogger(__name__)

BATCH = 500
"""Changes that one frame covers, at most; who missed more gets the whole list."""

BREATH = 500
"""Sends after which others get their turn on the event loop."""

RETRY = 1.0
"""Seconds until a feed that failed (the database is away, a template is broken) tries again."""


class Feed:
    """A group with subscribers. One task at a time reads, renders and sends, so all frames go out in order."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.head: int | None = None
        self.opened = asyncio.Event()  # set when the head is known: what is committed from then on is sent
        self._subscribers: dict[Subscriber, bool] = {}  # and whether it has resumed
        self._joining: dict[Subscriber, tuple[int | None, bool]] = {}
        self._newest: dict[str, int] = {}
        self._asked = 0  # the place up to which changes of rights have been answered
        self._rung = False
        self._goes_back = False
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether anybody needs it now."""
        return bool(self._subscribers) or self._task is not None

    def add(self, subscriber: Subscriber) -> None:
        """From now on `subscriber` gets every frame."""
        self._subscribers[subscriber] = False
        subscriber.feeds += (self,)

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""
        self._subscribers.pop(subscriber, None)
        self._joining.pop(subscriber, None)
        self.hub.retire(self)

    def ring(self) -> None:
        """Look at the log soon; rings that come meanwhile are one."""
        self._rung = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def go_back(self) -> None:
        """The log was found to end before what was sent of it: look at that too."""
        self._goes_back = True
        self.ring()

    def join(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        """Bring `subscriber` from `cursor` (None: unknown) to where everybody is.

        `resumes`: this is the cursor of its page, which from then on may keep those that frames carry.
        """
        if subscriber in self._subscribers:
            earlier, resumed = self._joining.get(subscriber, (cursor, resumes))
            self._joining[subscriber] = (cursor if cursor == earlier else None, resumes or resumed)
            self.ring()

    def whisper(self, frame_for: Callable[[str], Frame]) -> None:
        """Send what is no fact, and may be lost: to each visitor, by its key, the frame that `frame_for` gives."""
        for subscriber in list(self._subscribers):
            subscriber.whisper(frame_for(subscriber.key), self)

    async def close(self) -> None:
        """Stop, in the middle of whatever is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._rung:
                self._rung = False
                await self._advance()
                await self._admit()
        except Exception as error:
            self.hub.failed(self, error)
            asyncio.get_running_loop().call_later(RETRY, self.ring)
        finally:
            self._task = None
            self.hub.retire(self)

    async def _advance(self) -> None:
        if self.head is None:
            head = await self.hub.log.head(self.name)
            self._newest = await self.hub.frames.highest(self.name)
            self.hub.recovered()
            self.head = self._asked = head
            self.opened.set()
            return
        changes = await self.hub.log.after(self.name, self.head, BATCH)
        self.hub.recovered()
        run = _unbroken(changes, self.head)
        if run:
            frame = await self.hub.frames.changed(self.name, run, self.head, self._newest)
            await self._go_to(frame or await self._afresh(self.head))
            self._rung |= len(changes) == BATCH or len(run) < len(changes)
        elif changes or self._goes_back:
            await self._show_anew(self.head)
            self._goes_back = False

    async def _show_anew(self, sent: int) -> None:
        """Show the list anew if the log goes on somewhere else: changes are gone, or it was restored from a copy."""
        head = await self.hub.log.head(self.name)
        if head < sent:
            logger.warning("%s: the log has gone back from %s to %s", self.name, sent, head)
            self._newest = await self.hub.frames.highest(self.name)
            self._asked = head
        if head != sent:
            # Otherwise somebody wrote into the log what the group has not reached.
            await self._go_to(await self._afresh(sent if head > sent else 0))

    async def _go_to(self, frame: Frame) -> None:
        after = self.head or 0
        await self._review()
        self.head = seq = frame.seq
        await self._send_all(frame)
        if seq // KEPT != after // KEPT:
            await self.hub.log.prune(self.name, seq)

    async def _review(self) -> None:
        """Ask again who may read, if that has changed; to be called when all that is to be sent has been loaded.

        A row is loaded as it is by then, and a list may be newer than the changes that were read before.
        """
        while self.hub.rights and (changes := await self.hub.log.after(self.name, self._asked, BATCH)):
            run = _unbroken(changes, self._asked)
            reached = run[-1].seq if run else await self.hub.log.head(self.name)
            if reached <= self._asked:
                return  # somebody wrote into the log what the group has not reached
            if not run or not self.hub.rights.isdisjoint(change.stream for change in run):
                for subscriber in list(self._subscribers):
                    await subscriber.review(self.name)
            self._asked = reached

    async def _send_all(self, frame: Frame) -> None:
        for number, (subscriber, resumed) in enumerate(list(self._subscribers.items()), 1):
            # Who is about to catch up gets this with the rest: before it, its cursor would pass over what is missing.
            if subscriber not in self._joining:
                subscriber.push(frame, self, resumed)
            if number % BREATH == 0:
                await asyncio.sleep(0)

    async def _admit(self) -> None:
        joining, self._joining = self._joining, {}
        if not joining:
            return
        try:
            # After a restart thousands come back with few different cursors: each is answered with one frame.
            for cursor in {cursor for cursor, _ in joining.values()}:
                frame = await self._catch_up(cursor)
                await self._review()
                for subscriber in [one for one, (its, _) in joining.items() if its == cursor]:
                    _, resumes = joining.pop(subscriber)
                    if subscriber in self._subscribers:
                        self._subscribers[subscriber] |= resumes
                        subscriber.push(frame, self, self._subscribers[subscriber])
        except Exception:
            self._joining = joining | self._joining
            raise
        self.hub.admitted(self.name)

    async def _catch_up(self, cursor: int | None) -> Frame:
        head = self.head or 0
        # When it cannot be sent at once, whoever asked is still where it was; 0 is nowhere.
        after = cursor if cursor is not None and cursor <= head else 0
        missed = await self._missed(cursor, head)
        return self.hub.frames.resumed(missed, after, missed.seq if missed else head)

    async def _missed(self, cursor: int | None, head: int) -> Frame | None:
        if cursor == head:
            return None
        if cursor is None or not 0 < cursor < head:
            return await self._afresh(0)
        # Numbers that are missing in the middle are changes that are not known any more.
        changes = [change for change in await self.hub.log.after(self.name, cursor, BATCH) if change.seq <= head]
        frame = None
        if len(changes) == head - cursor:
            frame = await self.hub.frames.changed(self.name, changes, cursor, {})
        return frame or await self._afresh(cursor)

    async def _afresh(self, after: int) -> Frame:
        # The place first: a list that is newer than its cursor repeats something, one that is older would lack it.
        seq = await self.hub.log.head(self.name)
        return await self.hub.frames.afresh(self.name, after, seq)


def _unbroken(changes: Sequence[Change], after: int) -> Sequence[Change]:
    """The first of `changes`, as far as their numbers follow each other; `after` is 0 where the log began."""
    start = after + 1 if after or not changes else changes[0].seq
    return [change for number, change in enumerate(changes, start) if change.seq == number]
