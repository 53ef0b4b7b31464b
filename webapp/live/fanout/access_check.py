"""Rechecks who may read a group after a change of a row that decides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from webapp.live.changelog import BATCH, Change, ChangeLog, unbroken


class Deciding(Protocol):
    """The part of `Rights` that a feed uses; `Rights` explains each member."""

    @property
    def stream(self) -> str:
        """The stream of the rows in the change log."""

    def on_opened(self, group: str) -> None:
        """Note that the feed of `group` is open."""

    def on_changed(self, group: str) -> None:
        """Note that rows may have changed."""

    def on_closed(self, group: str) -> None:
        """Note that the feed of `group` is gone."""


class AccessCheck:
    """Follows the changes of rows that decide who may read a group.

    Args:
        group: The group that subscribers read.
        log: The change log with the group's changes.
        rights: The declarations of the rows that decide who may read the group.
    """

    def __init__(self, *, group: str, log: ChangeLog, rights: Sequence[Deciding]) -> None:
        self._group = group
        self._log = log
        self._rights = rights
        self._streams = frozenset(one.stream for one in rights)
        self._checked = 0  # the sequence number up to which this check has acted upon changes of rights

    def start_at(self, seq: int) -> None:
        """Take all changes up to `seq` as checked, since no subscriber was sent anything before it."""
        self._checked = seq
        for one in self._rights:
            one.on_opened(self._group)

    def end(self) -> None:
        """Tell that nobody follows the group's changes any more."""
        for one in self._rights:
            one.on_closed(self._group)

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
                for one in self._rights:
                    one.on_changed(self._group)
                await recheck()
            # Sending and catching up may run this at once. If the slower one set its own number, the faster one's
            # check would be undone, so the number only grows.
            self._checked = max(self._checked, reached)
            if len(run) == len(changes) < BATCH:
                return  # the query has shown that there are no more

    def _decides(self, changes: Sequence[Change]) -> bool:
        return not self._streams.isdisjoint(change.stream for change in changes)
