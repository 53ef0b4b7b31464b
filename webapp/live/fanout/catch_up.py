"""Frames for late subscribers: the changes since their cursor, or a snapshot of the whole list."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence

from webapp.live.changelog import ChangeLog
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.frames import Frame

FRAMES = 8
"""Frames with changes that one round of catch-up makes, at most; cursors that lie close together share one."""

SHARE = 0.25
"""Share of the time that a group spends on snapshots, at most, while it keeps changing and clients keep asking."""

KEPT = 10.0
"""Seconds that an unchanged group's snapshot is kept for the next client that needs it."""


class CatchUp:
    """Makes the frames that bring clients of one group from their cursors to its head.

    Args:
        group: The group's name.
        log: The change log with the group's changes.
        frames: Renders the frames.
    """

    def __init__(self, group: str, log: ChangeLog, frames: FrameRenderer) -> None:
        self._group = group
        self._log = log
        self._frames = frames
        self._snapshot: Frame | None = None
        self._next_snapshot = 0.0  # the earliest time of the next one, by the monotonic clock

    async def frame(self, cursor: int | None, head: int, limit: int, languages: Sequence[str] = ()) -> Frame:
        """Return the frame that brings a client from `cursor` to `head` or further.

        Args:
            cursor: A sequence number that `shared_cursors` returned; None: unknown.
            head: The sequence number that the other clients have reached.
            limit: Changes that one frame covers, at most; a client that missed more gets a snapshot.
            languages: The languages of the pages that follow the group.

        Raises:
            Exception: The database or a template failed.
        """
        if cursor == head:
            return self._frames.resumed(None, head, head)
        if cursor is None:
            return await self._whole(languages)
        changes = [change for change in await self._log.after(self._group, cursor, limit) if change.seq <= head]
        missed = None
        if len(changes) == head - cursor:
            missed = await self._frames.changed(self._group, changes, cursor, {}, languages)
        return self._frames.resumed(missed, cursor, missed.seq) if missed else await self._whole(languages)

    def forget(self) -> None:
        """Drop the snapshot, since the group has changed."""
        self._snapshot = None

    async def _whole(self, languages: Sequence[str]) -> Frame:
        # Read the sequence number before the rows. A change read twice is harmless; a change never read is lost.
        seq = await self._log.head(self._group)
        if self._snapshot is None or self._snapshot.seq != seq or not self._snapshot.speaks_all(languages):
            # If a client resumed over and over in a group that keeps changing, snapshots would take all the CPU, so
            # the next one waits.
            await asyncio.sleep(self._next_snapshot - time.monotonic())
            seq = await self._log.head(self._group)
            began = time.monotonic()
            # If `after` were higher, a client that cannot take the frame now would later lack the rest, so it is 0.
            self._snapshot = self._frames.resumed(await self._frames.reset(self._group, 0, seq, languages), 0, seq)
            self._next_snapshot = time.monotonic() + (time.monotonic() - began) * (1 / SHARE - 1)
            asyncio.get_running_loop().call_later(KEPT, self.forget)
        return self._snapshot


def shared_cursors(cursors: Collection[int | None], head: int, limit: int) -> Mapping[int | None, int | None]:
    """Return, for each cursor, the one that catch-up starts from, so that few frames serve many clients.

    A cursor that is unknown, of another log, or more than `limit` changes behind `head` becomes None. At most FRAMES
    of the others remain, beside `head` itself. Each of the rest becomes the nearest remaining one below it, since a
    change that a client gets twice is harmless.

    Args:
        cursors: The cursors of the late clients; None: unknown.
        head: The newest sequence number that was sent.
        limit: Changes that one frame covers, at most.
    """
    usable = sorted({cursor for cursor in cursors if cursor is not None and max(0, head - limit - 1) < cursor < head})
    size = -(-len(usable) // FRAMES)
    shared: dict[int | None, int | None] = {cursor: usable[index - index % size] for index, cursor in enumerate(usable)}
    return {cursor: head if cursor == head else shared.get(cursor) for cursor in cursors}
