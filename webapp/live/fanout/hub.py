"""Groups and their subscribers in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable

from webapp.live.changelog.log import ChangeLog
from webapp.live.database.database_errors import is_away
from webapp.live.fanout.feed import Feed
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.subscriber import Subscriber

logger = logging.getLogger(__name__)


class Hub:
    """Knows which groups have subscribers here; one per process. Everything is called from its event loop.

    rights: the streams whose changes decide who may read a group. admitted: called with a group when pages of it have
    come up to date.
    """

    def __init__(self, log: ChangeLog, frames: FrameRenderer, rights: Collection[str] = ()) -> None:
        self.rights = frozenset(rights)
        self.log = log
        self.frames = frames
        self._feeds: dict[str, Feed] = {}
        self._away = False
        self.admitted: Callable[[str], None] = lambda group: None

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

    def feed(self, group: str) -> Feed | None:
        """The feed of `group`, if anybody here follows it."""
        return self._feeds.get(group)

    def ring(self, groups: Iterable[str] | None) -> None:
        """Something was committed in `groups` (None: perhaps in any): look. What nobody here follows costs nothing."""
        for group in list(self._feeds) if groups is None else groups:
            feed = self._feeds.get(group)
            if feed is not None:
                feed.ring()

    def go_back(self, groups: Iterable[str]) -> None:
        """The log of `groups` ends before what was sent of it."""
        for group in groups:
            feed = self._feeds.get(group)
            if feed is not None:
                feed.go_back()

    def retire(self, feed: Feed) -> None:
        """Forget `feed` when nobody needs it."""
        if not feed.busy and self._feeds.get(feed.name) is feed:
            del self._feeds[feed.name]

    def failed(self, feed: Feed, error: Exception) -> None:
        """Note that `feed` could not go on; that the database is away is said once, and not for every feed."""
        if not is_away(error):
            logger.error("%s: could not be brought up to date; trying again", feed.name, exc_info=error)
        elif not self._away:
            self._away = True
            logger.warning("the database is away (%r); trying again until it is back", error)

    def recovered(self) -> None:
        """Note that a feed reached the database."""
        if self._away:
            self._away = False
            logger.warning("the database is back")

    async def close(self) -> None:
        """Stop all feeds."""
        for feed in list(self._feeds.values()):
            await feed.close()
