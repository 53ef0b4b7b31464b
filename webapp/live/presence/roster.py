"""The people of one group, as this process knows them: its own, and those that other processes told it of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.live.contexts import Person

AWAY_AFTER = 3.0
"""Seconds without a socket until a visitor with a hidden tab or a lost connection is shown as away."""

GONE_AFTER = 60.0
"""Seconds without a socket until a visitor with a hidden tab or a lost connection is no longer shown."""

LEFT_AFTER = 5.0
"""Seconds until a visitor who closed the page is no longer shown; a reload takes less time."""

FORGOTTEN_AFTER = 25.0
"""Seconds without a note from another process until its people are no longer shown."""

TYPING_FOR = 4.0
"""Seconds after the last sign of typing in which a visitor is shown as typing."""

SIGN_AFTER = 1.0
"""Seconds after a sign of typing in which further ones are not sent to other processes."""

QUIET_FOR = 2.0
"""Seconds after a message in which signs of typing are ignored, since they may be older than the message."""

HERE, AWAY, GONE = STATES = ("here", "away", "gone")

Told = tuple[str, str, str]
"""A person in a note to other processes: key, name, and HERE, AWAY or GONE."""


@dataclass(slots=True)
class _Local:
    name: str
    sockets: int = 0
    away_at: float | None = None
    gone_at: float | None = None

    def state(self, now: float) -> str:
        if self.sockets:
            return HERE
        if self.gone_at is not None and now >= self.gone_at:
            return GONE
        return AWAY if self.away_at is not None and now >= self.away_at else HERE


@dataclass(slots=True)
class _Remote:
    name: str
    state: str
    until: float


class Roster:
    """The people of one group. The caller gives all times, in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._local: dict[str, _Local] = {}
        self._remote: dict[tuple[str, str], _Remote] = {}
        self._typing: dict[str, tuple[str, float]] = {}
        self._quiet: dict[str, float] = {}

    def enter(self, key: str, name: str) -> None:
        """Note that a socket of `key` was opened in this process."""
        person = self._local.setdefault(key, _Local(name))
        person.name = name
        person.sockets += 1
        person.away_at = person.gone_at = None

    def leave(self, key: str, closed_the_page: bool, now: float) -> None:
        """Note that a socket of `key` was closed in this process.

        Args:
            key: The visitor's key.
            closed_the_page: The visitor closed or left the page.
            now: The time.
        """
        person = self._local[key]
        person.sockets -= 1
        if not person.sockets:
            self._typing.pop(key, None)
            person.away_at = None if closed_the_page else now + AWAY_AFTER
            person.gone_at = now + (LEFT_AFTER if closed_the_page else GONE_AFTER)

    def forget(self, key: str, now: float) -> None:
        """Note that a socket was never one of `key`: without another socket here, `key` is gone at once."""
        self.leave(key, True, now)
        person = self._local[key]
        if not person.sockets:
            person.gone_at = now

    def name(self, key: str) -> str | None:
        """Return the name of `key`; None: `key` has no socket in this process."""
        person = self._local.get(key)
        return person.name if person else None

    def tell(self, process: str, people: Iterable[Told], now: float) -> None:
        """Take the people that another process tells of."""
        for key, name, state in people:
            if state == GONE:
                self._remote.pop((process, key), None)
            else:
                self._remote[process, key] = _Remote(name, state, now + FORGOTTEN_AFTER)

    def type(self, key: str, name: str, now: float) -> bool:
        """Note that `key` is typing under `name`.

        Returns:
            Whether other processes need to know.
        """
        _, until = self._typing.get(key, ("", 0.0))
        if now < self._quiet.get(key, 0) or now < until - TYPING_FOR + SIGN_AFTER:
            return False
        self._typing[key] = (name, now + TYPING_FOR)
        return True

    def said(self, key: str, name: str, now: float) -> None:
        """Note that `key` sent a message under `name`, so that it types no longer."""
        if key in self._local:
            self._local[key].name = name
        self._typing.pop(key, None)
        self._quiet[key] = now + QUIET_FOR

    def local(self, now: float) -> list[Told]:
        """Return this process's people; those that `expire` is about to forget are GONE."""
        return [(key, person.name, person.state(now)) for key, person in self._local.items()]

    def expire(self, now: float) -> None:
        """Forget people who are gone, and signs of typing that are over."""
        self._local = {key: one for key, one in self._local.items() if one.state(now) != GONE}
        self._remote = {known: one for known, one in self._remote.items() if one.until > now}
        known = self._local.keys() | {key for _, key in self._remote}
        self._typing = {key: sign for key, sign in self._typing.items() if sign[1] > now and key in known}
        self._quiet = {key: until for key, until in self._quiet.items() if until > now}

    def people(self, now: float) -> list[Person]:
        """Return everybody once: first those who are here, then those who are away, each sorted by name."""
        merged: dict[str, Person] = {}
        for key, name, state in self._everybody(now):
            known = merged.get(key)
            if known is None or (known.is_away and state == HERE):
                merged[key] = Person(key, name, state == AWAY)
        return sorted(merged.values(), key=lambda one: (one.is_away, one.name.casefold(), one.key))

    def typing(self) -> dict[str, str]:
        """Return the names of typing visitors by their keys."""
        return {key: name for key, (name, _) in self._typing.items()}

    def due(self, now: float) -> float:
        """Return the time of the next change that happens by itself, at the latest in FORGOTTEN_AFTER seconds."""
        times = [now + FORGOTTEN_AFTER]
        for one in self._local.values():
            if not one.sockets:
                times += [at for at in (one.away_at, one.gone_at) if at is not None and at > now]
        times += [one.until for one in self._remote.values()]
        times += [until for _, until in self._typing.values()]
        return min(times)

    @property
    def is_empty(self) -> bool:
        """Whether the roster has nobody in it."""
        return not self._local and not self._remote

    def _everybody(self, now: float) -> Iterator[Told]:
        yield from (told for told in self.local(now) if told[2] != GONE)
        yield from ((key, one.name, one.state) for (_, key), one in self._remote.items())
