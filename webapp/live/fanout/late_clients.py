"""The clients of a group that are behind its head, and the frames that the others were sent meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from webapp.live.fanout.frames import Frame
from webapp.live.fanout.subscriber import Subscriber

RECENT = 64
"""Frames kept for the clients of a round, at most; a client that needs more waits for another round."""


class Late(NamedTuple):
    """The state of a late client.

    Attributes:
        cursor: The sequence number that it has reached; None: unknown.
        resumes: Whether it sent the cursor itself, so that it may keep the cursors that later frames carry.
    """

    cursor: int | None
    resumes: bool


class LateClients:
    """The clients that wait for the next round of catch-up, and those of the round that is under way.

    Attributes:
        served: The clients of the round that is under way, which have not got their frame yet.
    """

    def __init__(self) -> None:
        self._waiting: dict[Subscriber, Late] = {}
        self._recent: deque[Frame] = deque(maxlen=RECENT)
        self.served: dict[Subscriber, Late] = {}

    @property
    def any_waiting(self) -> bool:
        """Whether a client waits for a round."""
        return bool(self._waiting)

    @property
    def is_any(self) -> bool:
        """Whether any client is late."""
        return bool(self._waiting or self.served)

    def is_late(self, subscriber: Subscriber) -> bool:
        """Whether `subscriber` waits for catch-up, so that it must not get other frames."""
        return subscriber in self._waiting or subscriber in self.served

    def add(self, subscriber: Subscriber, late: Late) -> None:
        """Have `subscriber` wait for the next round; if it waits with another cursor already, both become unknown."""
        earlier = self._waiting.get(subscriber, late)
        cursor = late.cursor if late.cursor == earlier.cursor else None
        self._waiting[subscriber] = Late(cursor, late.resumes or earlier.resumes)

    def drop(self, subscriber: Subscriber) -> None:
        """Forget `subscriber`."""
        self._waiting.pop(subscriber, None)
        self.served.pop(subscriber, None)

    def begin_round(self) -> Mapping[Subscriber, Late]:
        """Serve the clients that wait now, and return them."""
        self.served, self._waiting = self._waiting, {}
        return self.served

    def give_up_round(self) -> None:
        """Have the clients that were not served yet wait again."""
        for subscriber, late in self.served.items():
            self.add(subscriber, late)

    def end_round(self) -> None:
        """End the round, and drop the kept frames if no client waits for them."""
        self.served = {}
        if not self._waiting:
            self._recent.clear()

    def keep(self, frame: Frame) -> None:
        """Keep a frame that is sent to the others, if any client is late."""
        if self._waiting or self.served:
            self._recent.append(frame)

    def sent_after(self, seq: int) -> Iterator[Frame]:
        """Yield the kept frames that lead on from `seq` without a gap."""
        for frame in self._recent:
            if frame.after <= seq < frame.seq:
                yield frame
                seq = frame.seq
