"""One group in this process: follows the change log and sends every subscriber the same frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from webapp.live.changelog import BATCH, KEPT, ChangeLog, unbroken
from webapp.live.fanout.access_check import AccessCheck
from webapp.live.fanout.catch_up import CatchUp, shared_cursors
from webapp.live.fanout.database_health import DatabaseHealth
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.late_clients import Late, LateClients
from webapp.live.fanout.subscriber import Subscriber

logger = logging.getLogger(__name__)

BREATH = 500
"""Sends after which other tasks get their turn on the event loop."""

RETRY = 1.0
"""Seconds until a feed that failed (the database is away, a template is broken) tries again."""


class Feed:
    """A group with subscribers.

    One task at a time reads, renders and sends, so all frames go out in order. Another task catches up the clients that
    come late: however many there are, and however far behind, the frames of the others do not wait for theirs.

    Args:
        name: the group.
        log: the change log that is followed.
        frames: renders what is sent.
        access: rechecks who may read, before each frame.
        health: is told whether the database could be reached.
        on_caught_up: called with the group after late clients have come up to date.
        on_idle: called with this feed when work ended or a subscriber left.
    """

    def __init__(
        self,
        *,
        name: str,
        log: ChangeLog,
        frames: FrameRenderer,
        access: AccessCheck,
        health: DatabaseHealth,
        on_caught_up: Callable[[str], None],
        on_idle: Callable[[Feed], None],
    ) -> None:
        self.name = name
        self.head: int | None = None
        self.opened = asyncio.Event()  # set when the head is known: what is committed from then on is sent
        self._log = log
        self._frames = frames
        self._access = access
        self._health = health
        self._on_caught_up = on_caught_up
        self._on_idle = on_idle
        self._subscribers: dict[Subscriber, bool] = {}  # and whether it has resumed
        self._late = LateClients()
        self._looked = asyncio.Event()  # set when the log has been read since a client came late
        self._catch_up = CatchUp(name, log, frames)
        self._newest: dict[str, int] = {}
        self._rung = False
        self._goes_back = False
        self._task: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def is_needed(self) -> bool:
        """Whether it has subscribers, or work that is still to be done."""
        return bool(self._subscribers) or self.is_working

    @property
    def is_working(self) -> bool:
        """Whether work that was asked for is still to be done."""
        return self._task is not None or self._catching_up is not None

    def add(self, subscriber: Subscriber) -> None:
        """Send `subscriber` every frame from now on."""
        self._subscribers[subscriber] = False

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""
        self._subscribers.pop(subscriber, None)
        self._late.drop(subscriber)
        self._on_idle(self)

    def ring(self) -> None:
        """Read the log soon; the rings that come meanwhile are one."""
        self._rung = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def go_back(self) -> None:
        """Look into a log that was found to end before what was sent of it."""
        self._goes_back = True
        self.ring()

    def catch_up(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        """Bring `subscriber` from `cursor` (None: unknown) to where the others are.

        Args:
            subscriber: one that was added; any other is ignored.
            cursor: a sequence number of this group.
            resumes: the cursor is the one of the client's page, which from then on may keep those that frames carry.
        """
        if subscriber in self._subscribers:
            self._late.add(subscriber, Late(cursor, resumes))
            # What was committed before a client resumed belongs to what it missed, so the log is looked at first.
            self._looked.clear()
            self.ring()
            self._start_catching_up()

    def send_ephemeral(self, frame_for: Callable[[str], Frame]) -> None:
        """Send each visitor, by its key, a frame that may be lost; catch-up sends the current state otherwise."""
        for subscriber in list(self._subscribers):
            subscriber.send_ephemeral(frame_for(subscriber.key), self)

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
            self._on_idle(self)

    def _try_again(self, error: Exception, start: Callable[[], None]) -> None:
        self._health.failed(self.name, error)
        asyncio.get_running_loop().call_later(RETRY, start)

    async def _advance(self) -> None:
        if self.head is None:
            await self._open()
            return
        changes = await self._log.after(self.name, self.head, BATCH)
        self._health.recovered()
        run = unbroken(changes, self.head)
        if run:
            frame = await self._frames.changed(self.name, run, self.head, self._newest)
            await self._go_to(frame or await self._reset(self.head))
            self._rung |= len(changes) == BATCH or len(run) < len(changes)
        elif changes or self._goes_back:
            await self._show_anew(self.head)
            self._goes_back = False

    async def _open(self) -> None:
        head = await self._log.head(self.name)
        self._newest = await self._frames.highest(self.name)
        self._health.recovered()
        self._access.start_at(head)
        self.head = head
        self.opened.set()

    async def _show_anew(self, sent: int) -> None:
        """Send the whole list if the log goes on at another number: changes are gone, or a copy was restored."""
        head = await self._log.head(self.name)
        if head < sent:
            logger.warning("%s: the log has gone back from %s to %s", self.name, sent, head)
            self._newest = await self._frames.highest(self.name)
            self._access.start_at(head)
        if head != sent:
            # Otherwise another program wrote a number into the log that the group has not reached.
            await self._go_to(await self._reset(sent if head > sent else 0))

    async def _go_to(self, frame: Frame) -> None:
        after = self.head or 0
        await self._access.run(self._recheck_all)
        self.head = seq = frame.seq
        self._catch_up.forget()
        await self._send_all(frame)
        if seq // KEPT != after // KEPT:
            await self._log.prune(self.name, seq)

    async def _recheck_all(self) -> None:
        for subscriber in list(self._subscribers):
            await subscriber.recheck_access(self.name)

    async def _send_all(self, frame: Frame) -> None:
        late = self._late
        late.keep(frame)
        # Most frames find no late client, and looking each of a thousand up would take time.
        any_late = late.is_any
        ready = [one for one in self._subscribers.items() if not (any_late and late.is_late(one[0]))]
        for number, (subscriber, resumed) in enumerate(ready, 1):
            # Skip a client that awaits catch-up: this frame would advance its cursor past changes that it lacks.
            if not (any_late and late.is_late(subscriber)):
                subscriber.push(frame, self, resumed)
            if number % BREATH == 0:
                await asyncio.sleep(0)
                any_late = late.is_any

    def _start_catching_up(self) -> None:
        if self._catching_up is None and self._late.any_waiting:
            self._catching_up = asyncio.create_task(self._catch_up_all())

    async def _catch_up_all(self) -> None:
        try:
            await self.opened.wait()
            while self._late.any_waiting:
                await self._looked.wait()
                await self._catch_up_round()
        except Exception as error:
            self._try_again(error, self._start_catching_up)
        finally:
            self._catching_up = None
            self._on_idle(self)

    async def _catch_up_round(self) -> None:
        try:
            await self._serve(self.head or 0)
        except BaseException:
            self._late.give_up_round()
            raise
        finally:
            self._late.end_round()
        self._on_caught_up(self.name)

    async def _serve(self, head: int) -> None:
        served = self._late.begin_round()
        cursors = shared_cursors([late.cursor for late in served.values()], head, BATCH)
        # Snapshots last: they take longest.
        for cursor in sorted(set(cursors.values()), key=lambda cursor: -1 if cursor is None else cursor, reverse=True):
            frame = await self._catch_up.frame(cursor, head, BATCH)
            await self._access.run(self._recheck_all)
            for subscriber in [one for one, late in served.items() if cursors[late.cursor] == cursor]:
                self._welcome(subscriber, frame)

    def _welcome(self, subscriber: Subscriber, frame: Frame) -> None:
        """Send a late client its catch-up, and what the others were sent while it was made."""
        resumed = self._subscribers[subscriber] | self._late.served.pop(subscriber).resumes
        self._subscribers[subscriber] = resumed
        subscriber.push(frame, self, resumed)
        reached = frame.seq
        for later in self._late.sent_after(reached):
            subscriber.push(later, self, resumed)
            reached = later.seq
        if reached < (self.head or 0):
            self.catch_up(subscriber, reached, resumes=False)

    async def _reset(self, after: int) -> Frame:
        # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
        seq = await self._log.head(self.name)
        return await self._frames.reset(self.name, after, seq)
