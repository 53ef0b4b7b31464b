"""Frames for subscribers that come late: what they missed since their cursor, or a snapshot of the whole list."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping

from webapp.live.changelog import ChangeLog
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.frames import Frame

FRAMES = 8
"""Frames with changes that one round of resumes makes, at most; cursors that lie close together share one."""

SHARE = 0.25
"""Share of the time that a group spends on snapshots, at most, while it keeps changing and clients keep asking."""

KEPT = 10.0
"""Seconds that an unchanged group's snapshot is kept for the next client that needs it."""


class CatchUp:
    """Makes the frames that bring pages of one group from their cursors to its head."""

    def __init__(self, group: str, log: ChangeLog, frames: FrameRenderer) -> None:
        self._group = group
        self._log = log
        self._frames = frames
        self._snapshot: Frame | None = None
        self._next_snapshot = 0.0  # when another one may be made, by the monotonic clock

    async def frame(self, cursor: int | None, head: int, limit: int) -> Frame:
        """The frame that brings a page from `cursor` (None: unknown) to `head` or further.

        Args:
            cursor: one that `shared_cursors` gave.
            head: the sequence number that everybody else has reached.
            limit: changes that one frame covers, at most; a page that missed more gets a snapshot.

        Raises:
            Exception: what the database, or a template, raises.
        """
        if cursor == head:
            return self._frames.resumed(None, head, head)
        if cursor is None:
            return await self._whole()
        changes = [change for change in await self._log.after(self._group, cursor, limit) if change.seq <= head]
        missed = None
        if len(changes) == head - cursor:
            missed = await self._frames.changed(self._group, changes, cursor, {})
        return self._frames.resumed(missed, cursor, missed.seq) if missed else await self._whole()

    def forget(self) -> None:
        """Drop the snapshot, since the group has moved on."""
        self._snapshot = None

    async def _whole(self) -> Frame:
        # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
        seq = await self._log.head(self._group)
        if self._snapshot is None or self._snapshot.seq != seq:
            # A client that resumes over and over, in a group that changes all the time, must not take all the CPU.
            await asyncio.sleep(self._next_snapshot - time.monotonic())
            seq = await self._log.head(self._group)
            began = time.monotonic()
            # `after` is 0: a page that cannot take the frame now still needs all of it later.
            self._snapshot = self._frames.resumed(await self._frames.reset(self._group, 0, seq), 0, seq)
            self._next_snapshot = time.monotonic() + (time.monotonic() - began) * (1 / SHARE - 1)
            asyncio.get_running_loop().call_later(KEPT, self.forget)
        return self._snapshot


def shared_cursors(cursors: Collection[int | None], head: int, limit: int) -> Mapping[int | None, int | None]:
    """The cursor that each of `cursors` is caught up from, so that few frames serve many clients.

    Every cursor that cannot be used (unknown, of another log, or more than `limit` changes behind `head`) becomes None.
    Of the others at most FRAMES remain, beside `head` itself: each of the rest becomes the nearest one below it, since
    a change that a page gets twice is harmless.
    """
    usable = sorted({cursor for cursor in cursors if cursor is not None and max(0, head - limit - 1) < cursor < head})
    size = -(-len(usable) // FRAMES)
    shared: dict[int | None, int | None] = {cursor: usable[index - index % size] for index, cursor in enumerate(usable)}
    return {cursor: head if cursor == head else shared.get(cursor) for cursor in cursors}
