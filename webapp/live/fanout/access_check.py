"""Rechecks who may read a group after a change of a row that decides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from webapp.live.changelog import BATCH, Change, ChangeLog, unbroken


class AccessCheck:
    """Follows the changes of rows that decide who may read a group.

    Args:
        group: The group that subscribers read.
        log: The change log with the group's changes.
        rights: The streams whose rows decide who may read the group.
    """

    def __init__(self, *, group: str, log: ChangeLog, rights: Collection[str]) -> None:
        self._group = group
        self._log = log
        self._rights = frozenset(rights)
        self._checked = 0  # the sequence number up to which this check has acted upon changes of rights

    def start_at(self, seq: int) -> None:
        """Take all changes up to `seq` as checked, since no subscriber was sent anything before it."""
        self._checked = seq

    async def run(self, recheck: Callable[[], Awaitable[None]]) -> None:
        """Call `recheck` if a row that decides access has changed.

        The caller loads everything that it sends before it calls this. Rows are loaded after the changes were read,
        so they may be newer; an earlier check could miss a change of rights that those rows already show.

        Args:
            recheck: Asks again, for each subscriber, whether it may read the group.
        """
        while self._rights and (changes := await self._log.after(self._group, self._checked, BATCH)):
            run = unbroken(changes, self._checked)
            reached = run[-1].seq if run else await self._log.head(self._group)
            if reached <= self._checked:
                return  # another program wrote a sequence number into the log that the group has not reached
            if not run or self._decides(run):
                await recheck()
            # Sending and catching up may run this at once. If the slower one set its own number, the faster one's
            # check would be undone, so the number only grows.
            self._checked = max(self._checked, reached)

    def _decides(self, changes: Sequence[Change]) -> bool:
        return not self._rights.isdisjoint(change.stream for change in changes)
