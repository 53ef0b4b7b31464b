"""Rechecks who may read a group after a change of a row that decides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from webapp.live.changelog import BATCH, Change, ChangeLog, unbroken


class AccessCheck:
    """Follows the changes of the streams in `rights`, whose rows decide who may read `group`."""

    def __init__(self, *, group: str, log: ChangeLog, rights: Collection[str]) -> None:
        self._group = group
        self._log = log
        self._rights = frozenset(rights)
        self._checked = 0  # the sequence number up to which changes of rights have been acted upon

    def start_at(self, seq: int) -> None:
        """Take everything up to `seq` as checked, since no subscriber was told anything before it."""
        self._checked = seq

    async def run(self, recheck: Callable[[], Awaitable[None]]) -> None:
        """Call `recheck` if a row that decides access has changed.

        Call this after everything that is to be sent has been loaded. A row is loaded as it is by then, and a list may
        be newer than the changes that were read before, so an earlier check could miss a change of rights.
        """
        while self._rights and (changes := await self._log.after(self._group, self._checked, BATCH)):
            run = unbroken(changes, self._checked)
            reached = run[-1].seq if run else await self._log.head(self._group)
            if reached <= self._checked:
                return  # another program wrote a number into the log that the group has not reached
            if not run or self._decides(run):
                await recheck()
            # Sending and catching up may both be here: neither may undo what the other has checked.
            self._checked = max(self._checked, reached)

    def _decides(self, changes: Sequence[Change]) -> bool:
        return not self._rights.isdisjoint(change.stream for change in changes)
