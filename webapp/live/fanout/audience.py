"""The subscribers of one feed: which of them get a frame now, and what a late one gets after its catch-up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from webapp.live.fanout.frames import Frame
from webapp.live.fanout.late_clients import LateClients
from webapp.live.fanout.subscriber import Source, Subscriber

BREATH = 500
"""Sends after which other tasks get their turn on the event loop."""


class Audience:
    """The subscribers of one feed, each with whether it has resumed.

    The methods take the feed as an argument. If the audience kept it, both would refer to each other, and only the
    garbage collector would find them.

    Args:
        late: The clients that await catch-up.
    """

    def __init__(self, late: LateClients) -> None:
        self._late = late
        self._resumed: dict[Subscriber, bool] = {}
        self._languages = Counter[str]()

    def __bool__(self) -> bool:
        return bool(self._resumed)

    def __contains__(self, subscriber: Subscriber) -> bool:
        return subscriber in self._resumed

    @property
    def subscribers(self) -> Collection[Subscriber]:
        """All of them."""
        return self._resumed.keys()

    @property
    def languages(self) -> Sequence[str]:
        """The languages of the pages among the subscribers."""
        return tuple(self._languages)

    def add(self, subscriber: Subscriber) -> None:
        """Send `subscriber` every frame from now on."""
        self._resumed[subscriber] = False
        if not subscriber.as_json:
            self._languages[subscriber.language] += 1

    def drop(self, subscriber: Subscriber) -> None:
        """Send `subscriber` nothing more."""
        if self._resumed.pop(subscriber, None) is not None and not subscriber.as_json:
            self._languages[subscriber.language] -= 1
            if not self._languages[subscriber.language]:
                del self._languages[subscriber.language]
        self._late.drop(subscriber)

    def send_ephemeral(self, feed: Source, frame_for: Callable[[str], Frame]) -> None:
        """Send each subscriber, by its visitor's key, a frame that may be lost."""
        for subscriber in list(self._resumed):
            subscriber.send_ephemeral(frame_for(subscriber.key), feed)

    async def recheck_access(self, group: str) -> None:
        """Ask again, for each subscriber, whether it may read `group`."""
        for subscriber in list(self._resumed):
            await subscriber.recheck_access(group)

    async def send(self, feed: Source, frame: Frame) -> int:
        """Send `frame` to all subscribers that are not late, and return how many those are."""
        late = self._late
        late.keep(frame)
        # If a thousand subscribers were looked up for every frame, sending would slow down, though most frames find no
        # late client, so the lookups wait for the first one.
        any_late = late.is_any
        ready = [one for one in self._resumed.items() if not (any_late and late.is_late(one[0]))]
        for number, (subscriber, resumed) in enumerate(ready, 1):
            # Skip a client that awaits catch-up: this frame would advance its cursor past changes that it lacks.
            if not (any_late and late.is_late(subscriber)):
                subscriber.push(frame, feed, resumed)
            if number % BREATH == 0:
                await asyncio.sleep(0)
                any_late = late.is_any
        return len(ready)

    def welcome(self, feed: Source, subscriber: Subscriber, frame: Frame) -> int:
        """Send a late client its catch-up, and the frames that the others were sent meanwhile.

        Returns:
            The sequence number that the client has reached.
        """
        resumed = self._resumed[subscriber] | self._late.served.pop(subscriber).resumes
        self._resumed[subscriber] = resumed
        subscriber.push(frame, feed, resumed)
        reached = frame.seq
        for later in self._late.sent_after(reached):
            subscriber.push(later, feed, resumed)
            reached = later.seq
        return reached
