"""Groups and their subscribers in this process."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.live.changes import ChangeLog
from webapp.live.feed import Feed
from webapp.live.frames import FrameRenderer
from webapp.live.subscriber import Subscriber


class Hub:
    """Knows which groups have subscribers here; one per process. Everything is called from its event loop."""

    def __init__(self, log: ChangeLog, frames: FrameRenderer) -> None:
        self.log = log
        self.frames = frames
        self._feeds: dict[str, Feed] = {}

    @property
    def groups(self) -> dict[str, int | None]:
        """The groups that are served here, with the sequence number that each has reached."""
        return {name: feed.head for name, feed in self._feeds.items()}

    def subscribe(self, group: str, subscriber: Subscriber) -> Feed:
        """From now on `subscriber` gets the frames of `group`."""
        feed = self._feeds.get(group)
        if feed is None:
            feed = self._feeds[group] = Feed(self, group)
            feed.ring()
        feed.add(subscriber)
        return feed

    def ring(self, groups: Iterable[str]) -> None:
        """Something was committed in `groups`: look. Groups without subscribers here cost nothing."""
        for group in groups:
            feed = self._feeds.get(group)
            if feed is not None:
                feed.ring()

    def retire(self, feed: Feed) -> None:
        """Forget `feed` when nobody needs it."""
        if not feed.busy and self._feeds.get(feed.name) is feed:
            del self._feeds[feed.name]

    async def close(self) -> None:
        """Stop all feeds."""
        for feed in list(self._feeds.values()):
            await feed.close()
