"""The groups that have subscribers in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from webapp.live.changelog import ChangeLog
from webapp.live.fanout.access_check import AccessCheck, Deciding
from webapp.live.fanout.database_health import DatabaseHealth
from webapp.live.fanout.feed import Feed
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.observing import NO_OBSERVER, Observer


class Hub:
    """Gives each group with subscribers in this process a feed, and passes rings on to it.

    A process has one hub, and calls it from its event loop only.

    Args:
        log: The change log that the feeds follow.
        frames: Renders the frames that the feeds send.
        rights: The declarations of the rows that decide who may read a group.
        on_caught_up: Called with a group after late clients of it have been caught up.
        observer: The feeds tell it of each frame that they have sent.
    """

    def __init__(
        self,
        log: ChangeLog,
        frames: FrameRenderer,
        rights: Sequence[Deciding] = (),
        *,
        on_caught_up: Callable[[str], None] = lambda group: None,
        observer: Observer = NO_OBSERVER,
    ) -> None:
        self.log = log
        self.frames = frames
        self._rights = rights
        self._on_caught_up = on_caught_up
        self._observer = observer
        self._health = DatabaseHealth()
        self._feeds: dict[str, Feed] = {}
        self.looked_at = float("-inf")
        """The time when the poll last read the change log, by time.monotonic; minus infinity before the first."""

    @property
    def groups(self) -> dict[str, int | None]:
        """The groups with subscribers here, with the sequence number that each has reached; None: not read yet."""
        return {name: feed.head for name, feed in self._feeds.items()}

    @property
    def audiences(self) -> int:
        """Groups with subscribers here. A feed that only finishes its work has none."""
        return sum(feed.has_subscribers for feed in self._feeds.values())

    @property
    def subscribers(self) -> set[Subscriber]:
        """The clients of this process."""
        return {subscriber for feed in self._feeds.values() for subscriber in feed.subscribers}

    def forget_renderings(self) -> None:
        """Render the next snapshots anew, since templates have changed."""
        for feed in self._feeds.values():
            feed.forget_renderings()

    def subscribe(self, group: str, subscriber: Subscriber) -> Feed:
        """Send the frames of `group` to `subscriber` from now on."""
        feed = self._feeds.get(group)
        if feed is None:
            feed = self._feeds[group] = self._feed(group)
            feed.ring()
        feed.add(subscriber)
        subscriber.follow(feed)
        return feed

    def feed(self, group: str) -> Feed | None:
        """Return the feed of `group`; None: no client here follows it."""
        return self._feeds.get(group)

    def ring(self, groups: Iterable[str] | None) -> None:
        """Have feeds read the log.

        Args:
            groups: The groups that have moved; None: all. A group without subscribers here costs nothing.
        """
        for group in list(self._feeds) if groups is None else groups:
            feed = self._feeds.get(group)
            if feed is not None:
                feed.ring()

    def go_back(self, groups: Iterable[str]) -> None:
        """Tell the feeds of `groups` that their log ends before the sequence number that they have sent."""
        for group in groups:
            feed = self._feeds.get(group)
            if feed is not None:
                feed.go_back()

    async def close(self) -> None:
        """Stop all feeds."""
        for feed in list(self._feeds.values()):
            await feed.close()

    def _feed(self, group: str) -> Feed:
        return Feed(
            name=group,
            log=self.log,
            frames=self.frames,
            access=AccessCheck(group=group, log=self.log, rights=self._rights),
            health=self._health,
            on_caught_up=self._on_caught_up,
            on_idle=self._discard_if_idle,
            observer=self._observer,
        )

    def _discard_if_idle(self, feed: Feed) -> None:
        if not feed.is_needed and self._feeds.get(feed.name) is feed:
            del self._feeds[feed.name]
            feed.end()
