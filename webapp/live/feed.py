"""One group in this process: follows the change log and sends every subscriber the same frames."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from webapp.live.catch_up import CatchUp, shared_cursors
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

RECENT = 64
"""Frames kept for the clients that are being caught up, at most; a client that needs more is caught up again."""


Late = dict[Subscriber, tuple[int | None, bool]]
"""Clients that are behind: the cursor of each, and whether its page may keep the cursors that frames carry."""


class Feed:
    """A group with subscribers.

    One task at a time reads, renders and sends, so all frames go out in order. Another catches up the clients that come
    late: however many there are, and however far behind, the frames of everybody else do not wait for theirs.
    """

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.head: int | None = None
        self.opened = asyncio.Event()  # set when the head is known: what is committed from then on is sent
        self._subscribers: dict[Subscriber, bool] = {}  # and whether it has resumed
        self._waiting: Late = {}  # for the next round of catching up
        self._served: Late = {}  # by the round that is under way
        self._recent: deque[Frame] = deque(maxlen=RECENT)  # what was sent while any client was behind
        self._looked = asyncio.Event()  # set when the log has been looked at since a client came late
        self._catch_up = CatchUp(name, hub.log, hub.frames)
        self._newest: dict[str, int] = {}
        self._asked = 0  # the place up to which changes of rights have been answered
        self._rung = False
        self._goes_back = False
        self._task: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether anybody needs it now."""
        return bool(self._subscribers) or self.working

    @property
    def working(self) -> bool:
        """Whether something that was asked for is still to be done."""
        return self._task is not None or self._catching_up is not None

    def add(self, subscriber: Subscriber) -> None:
        """From now on `subscriber` gets every frame."""
        self._subscribers[subscriber] = False
        subscriber.feeds += (self,)

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""
        self._subscribers.pop(subscriber, None)
        self._waiting.pop(subscriber, None)
        self._served.pop(subscriber, None)
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
            self._add_late({subscriber: (cursor, resumes)})
            # What was committed before a client resumed belongs to what it missed, so the log is looked at first.
            self._looked.clear()
            self.ring()
            self._start_catching_up()

    def whisper(self, frame_for: Callable[[str], Frame]) -> None:
        """Send what is no fact, and may be lost: to each visitor, by its key, the frame that `frame_for` gives."""
        for subscriber in list(self._subscribers):
            subscriber.whisper(frame_for(subscriber.key), self)

    async def close(self) -> None:
        """Stop, in the middle of whatever is under way."""
        tasks = [task for task in (self._task, self._catching_up) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._rung:
                self._rung = False
                await self._advance()
                self._looked.set()
        except Exception as error:
            self._try_again(error, self.ring)
        finally:
            self._task = None
            self.hub.retire(self)

    def _try_again(self, error: Exception, start: Callable[[], None]) -> None:
        self.hub.failed(self, error)
        asyncio.get_running_loop().call_later(RETRY, start)

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
        self._catch_up.forget()
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
            # The two tasks may both be here; neither may undo what the other has answered.
            self._asked = max(self._asked, reached)

    async def _send_all(self, frame: Frame) -> None:
        if self._waiting or self._served:
            self._recent.append(frame)
        ready = list(self._subscribers.items())
        if self._waiting or self._served:
            ready = [(subscriber, resumed) for subscriber, resumed in ready if self._is_up(subscriber)]
        for number, (subscriber, resumed) in enumerate(ready, 1):
            # Skip a client that awaits catch-up: this frame would advance its cursor past changes that it lacks.
            # Most frames find no such client: it would take time to look each of a thousand up.
            if not (self._waiting or self._served) or self._is_up(subscriber):
                subscriber.push(frame, self, resumed)
            if number % BREATH == 0:
                await asyncio.sleep(0)

    def _is_up(self, subscriber: Subscriber) -> bool:
        return subscriber not in self._waiting and subscriber not in self._served

    def _add_late(self, late: Late) -> None:
        for subscriber, (cursor, resumes) in late.items():
            earlier, resumed = self._waiting.get(subscriber, (cursor, resumes))
            self._waiting[subscriber] = (cursor if cursor == earlier else None, resumes or resumed)

    def _start_catching_up(self) -> None:
        if self._catching_up is None and self._waiting:
            self._catching_up = asyncio.create_task(self._catch_up_all())

    async def _catch_up_all(self) -> None:
        try:
            await self.opened.wait()
            while self._waiting:
                await self._looked.wait()
                await self._catch_up_round()
        except Exception as error:
            self._try_again(error, self._start_catching_up)
        finally:
            self._catching_up = None
            self.hub.retire(self)

    async def _catch_up_round(self) -> None:
        head = self.head or 0
        self._served, self._waiting = self._waiting, {}
        try:
            cursors = shared_cursors([cursor for cursor, _ in self._served.values()], head, BATCH)
            # Snapshots last: they take longest.
            for cursor in sorted(
                set(cursors.values()), key=lambda cursor: -1 if cursor is None else cursor, reverse=True
            ):
                frame = await self._catch_up.frame(cursor, head, BATCH)
                await self._review()
                for subscriber in [one for one, (its, _) in self._served.items() if cursors[its] == cursor]:
                    self._welcome(subscriber, frame)
        except BaseException:
            self._add_late(self._served)
            raise
        finally:
            self._served = {}
            if not self._waiting:
                self._recent.clear()
        self.hub.admitted(self.name)

    def _welcome(self, subscriber: Subscriber, frame: Frame) -> None:
        """Send a late client its catch-up, and what the others were sent while it was made."""
        _, resumes = self._served.pop(subscriber)
        self._subscribers[subscriber] |= resumes
        resumed = self._subscribers[subscriber]
        subscriber.push(frame, self, resumed)
        reached = frame.seq
        for later in self._recent:
            if later.after <= reached < later.seq:
                subscriber.push(later, self, resumed)
                reached = later.seq
        if reached < (self.head or 0):
            self.join(subscriber, reached, resumes=False)

    async def _afresh(self, after: int) -> Frame:
        # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
        seq = await self.hub.log.head(self.name)
        return await self.hub.frames.afresh(self.name, after, seq)


def _unbroken(changes: Sequence[Change], after: int) -> Sequence[Change]:
    """The first of `changes`, as far as their numbers follow each other; `after` is 0 where the log began."""
    start = after + 1 if after or not changes else changes[0].seq
    return [change for number, change in enumerate(changes, start) if change.seq == number]
