"""One group in this process: follows the change log and sends every subscriber the same frames."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence

from webapp.live.changelog import BATCH, KEPT, ChangeLog, unbroken
from webapp.live.fanout.access_check import AccessCheck
from webapp.live.fanout.audience import Audience
from webapp.live.fanout.catch_up import CatchUp, shared_cursors
from webapp.live.fanout.database_health import DatabaseHealth
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.late_clients import Late, LateClients
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.observing import NO_OBSERVER, Observer

logger = logging.getLogger(__name__)

RETRY = 1.0
"""Seconds until a feed tries again after a failure, such as a lost database or a broken template."""


class Feed:
    """A group with subscribers.

    One task reads, renders and sends, so all frames go out in order. Another task catches up late clients, so the
    others never wait for them.

    Args:
        name: The group.
        log: The change log that the feed follows.
        frames: Renders the frames that it sends.
        access: Rechecks who may read the group, before each frame.
        health: Logs whether the feed reached the database.
        on_caught_up: Called with the group after late clients have been caught up.
        on_idle: Called with this feed when work ended or a subscriber left.
        observer: The feed tells it of each frame that it has sent.

    Attributes:
        name: The group.
        head: The sequence number that the feed has sent; None: it has not read the log yet.
        opened: Set when the head is known. The feed sends every change that is committed later.
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
        observer: Observer = NO_OBSERVER,
    ) -> None:
        self.name = name
        self.head: int | None = None
        self.opened = asyncio.Event()
        self._log = log
        self._frames = frames
        self._access = access
        self._health = health
        self._on_caught_up = on_caught_up
        self._on_idle = on_idle
        self._observer = observer
        self._late = LateClients()
        self._audience = Audience(self._late)
        self._looked = asyncio.Event()  # set when the feed has read the log since a client came late
        self._catch_up = CatchUp(name, log, frames)
        self._newest: dict[str, int] = {}
        self._rung = False
        self._rung_at = 0.0
        self._looking_since = 0.0
        self._goes_back = False
        self._task: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def has_subscribers(self) -> bool:
        """Whether any client of this process follows the group."""
        return bool(self._audience)

    @property
    def subscribers(self) -> Collection[Subscriber]:
        """The clients that follow the group."""
        return self._audience.subscribers

    @property
    def languages(self) -> Sequence[str]:
        """The languages of the pages of this process that follow the group."""
        return self._audience.languages

    @property
    def is_needed(self) -> bool:
        """Whether the feed has subscribers or work to do."""
        return bool(self._audience) or self.is_working

    @property
    def is_working(self) -> bool:
        """Whether the feed has work to do."""
        return self._task is not None or self._catching_up is not None

    def add(self, subscriber: Subscriber) -> None:
        """Send `subscriber` every frame from now on."""
        self._audience.add(subscriber)

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""
        self._audience.drop(subscriber)
        self._on_idle(self)

    def ring(self) -> None:
        """Read the log soon; rings that come meanwhile count as one."""
        if not self._rung:
            self._rung, self._rung_at = True, time.monotonic()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def go_back(self) -> None:
        """Read the log again, since it ends before the sequence number that the feed has sent."""
        self._goes_back = True
        self.ring()

    def catch_up(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        """Bring `subscriber` from `cursor` to the head of the group.

        Args:
            subscriber: One that was added; any other is ignored.
            cursor: A sequence number of this group; None: unknown.
            resumes: The client sent the cursor itself, so it may keep the cursors that later frames carry.
        """
        if subscriber in self._audience:
            self._late.add(subscriber, Late(cursor, resumes))
            # If the log were not read first, changes committed before the client resumed would not be in its catch-up.
            self._looked.clear()
            self.ring()
            self._start_catching_up()

    def send_ephemeral(self, frame_for: Callable[[str], Frame]) -> None:
        """Send each visitor a frame that may be lost; catch-up sends the current state otherwise.

        Args:
            frame_for: Returns the frame for a visitor's key.
        """
        self._audience.send_ephemeral(self, frame_for)

    def forget_renderings(self) -> None:
        """Render the next snapshot anew."""
        self._catch_up.forget()

    def end(self) -> None:
        """Tell those who keep what the group's changes decide that no change is read any more."""
        self._access.end()

    async def close(self) -> None:
        """Cancel the feed's tasks, and wait until they have ended."""
        self.end()
        tasks = [task for task in (self._task, self._catching_up) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._rung:
                self._rung, self._looking_since = False, self._rung_at
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
            frame = await self._frames.changed(self.name, run, self.head, self._newest, self.languages)
            await self._go_to(frame or await self._reset(self.head))
            if len(changes) == BATCH or len(run) < len(changes):
                self.ring()
        elif changes or self._goes_back:
            await self._reset_if_moved(self.head)
            self._goes_back = False

    async def _open(self) -> None:
        head = await self._log.head(self.name)
        self._newest = await self._frames.highest(self.name)
        self._health.recovered()
        self._access.start_at(head)
        self.head = head
        self.opened.set()

    async def _reset_if_moved(self, sent: int) -> None:
        """Send a reset if the head is not `sent`: the log lost changes, or a copy of the database was restored."""
        head = await self._log.head(self.name)
        if head < sent:
            logger.warning("%s: the log has gone back from %s to %s", self.name, sent, head)
            self._newest = await self._frames.highest(self.name)
            self._access.start_at(head)
            # The restored copy may say otherwise who may read, and no change in its log tells of it.
            await self._recheck_all()
        if head != sent:
            # If the head is what was sent, another program wrote a sequence number that the group has not reached.
            await self._go_to(await self._reset(sent if head > sent else 0))

    async def _go_to(self, frame: Frame) -> None:
        after = self.head or 0
        await self._access.run(self._recheck_all)
        self.head = seq = frame.seq
        self._catch_up.forget()
        clients = await self._audience.send(self, frame)
        self._observer.sent(clients, time.monotonic() - self._looking_since)
        if seq // KEPT != after // KEPT:
            await self._log.prune(self.name, seq)

    async def _recheck_all(self) -> None:
        await self._audience.recheck_access(self.name)

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
        # If snapshots came first, the other clients would wait for the slowest frames, so snapshots (None) come last.
        for cursor in sorted(set(cursors.values()), key=lambda cursor: -1 if cursor is None else cursor, reverse=True):
            frame = await self._catch_up.frame(cursor, head, BATCH, self.languages)
            await self._access.run(self._recheck_all)
            for subscriber in [one for one, late in served.items() if cursors[late.cursor] == cursor]:
                reached = self._audience.welcome(self, subscriber, frame)
                if reached < (self.head or 0):
                    self.catch_up(subscriber, reached, resumes=False)

    async def _reset(self, after: int) -> Frame:
        # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
        seq = await self._log.head(self.name)
        return await self._frames.reset(self.name, after, seq, self.languages)
