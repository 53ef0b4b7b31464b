"""Who is here and who is typing, in every process. No facts: never logged, never stored, gone by themselves."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from webapp.live.binding import Render
from webapp.live.contexts import Person
from webapp.live.contexts import Presence as PresenceContext
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.hub import Hub
from webapp.live.presence.roster import GONE, STATES, Roster, Told
from webapp.live.relay import packed
from webapp.live.validation import name_of
from webapp.live.visitor import NAME_LIMIT, Visitor

logger = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks; a group gets at most one frame of presence in this time."""

REFRESH = 8.0
"""Seconds after which other processes are told of everybody again."""

SHOWN = 30
"""People that a frame names, at most; of the rest it gives the number."""

TYPISTS = 4
"""Names of who is typing that a frame carries, at most; one more than what a line of text can say."""

NOTE_LIMIT = 6000
"""Bytes of people in one note, at most."""

NAVIGATED = (1000, 1001)
"""Close codes of a page that was left, rather than hidden or lost."""

_PEOPLE, _TYPING = "live/_presence.html", "live/_typing.html"

_Seen = tuple[list[Person] | None, dict[str, str] | None]


class Presence:
    """The rosters of this process. `send` carries a note to the other processes, or loses it."""

    def __init__(self, hub: Hub, render: Render, send: Callable[[Any], None]) -> None:
        self._hub = hub
        self._render = render
        self._send = send
        self._me = secrets.token_hex(4)
        self._rosters: dict[str, Roster] = {}
        self._told: dict[str, list[Told]] = {}
        self._shown: dict[str, _Seen] = {}
        self._due: dict[str, float] = {}
        self._refresh: dict[str, float] = {}

    def enter(self, group: str, visitor: Visitor) -> None:
        """A socket of `visitor` was opened on `group`."""
        self._roster(group).enter(key_of(visitor), _clean(visitor.handle) or visitor.guest)

    def leave(self, group: str, visitor: Visitor, code: int) -> None:
        """It was closed, with that WebSocket close code."""
        self._roster(group).leave(key_of(visitor), code in NAVIGATED, time.monotonic())

    def replace(self, group: str, earlier: Visitor, visitor: Visitor) -> None:
        """A socket that was taken for `earlier`'s is `visitor`'s."""
        self.enter(group, visitor)
        self._roster(group).forget(key_of(earlier), time.monotonic())

    def type(self, group: str, visitor: Visitor, name: str | None) -> None:
        """`visitor` is typing, under `name`; None: under the one that it is known by."""
        key, roster = key_of(visitor), self._roster(group)
        known = roster.name(key) or _clean(visitor.handle) if name is None else _clean(name)
        name = known or visitor.guest
        if roster.type(key, name, time.monotonic()):
            self._send({"typing": [group, key, name]})

    def said(self, group: str, visitor: Visitor, name: str) -> None:
        """`visitor` said something, under `name`."""
        self._roster(group).said(key_of(visitor), name, time.monotonic())
        self._send({"said": [group, key_of(visitor), name]})

    def hear(self, note: Any) -> None:
        """Take a note of another process; one that makes no sense is dropped."""
        try:
            self._take(note)
        except ValueError:
            logger.warning("a note that is not ours: %.100r", note)

    async def work(self) -> None:
        """Show and tell what has changed, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            self._look(time.monotonic())

    def _take(self, note: Any) -> None:
        now = time.monotonic()
        match note:
            case {"people": [str(process), str(group), list(people)]}:
                told = [_told(one) for one in people]
                self._roster(group).tell(process, told, now)
            case {"typing": [str(group), str(key), str(name)]}:
                self._roster(group).type(key, _name(name), now)
            case {"said": [str(group), str(key), str(name)]}:
                self._roster(group).said(key, _name(name), now)
            case _:
                raise ValueError("no note")

    def _roster(self, group: str) -> Roster:
        """The roster of `group`, which is about to change."""
        self._due[group] = 0
        return self._rosters.setdefault(group, Roster())

    def show_again(self, group: str) -> None:
        """Send the roster of `group` again, since a page that was caught up knows nothing of who is here."""
        self._shown.pop(group, None)
        self._due[group] = 0

    def _look(self, now: float) -> None:
        for group in [group for group, due in self._due.items() if due <= now]:
            try:
                self._look_at(group, now)
            except Exception:
                # Later, and not at the next tick: a template that is broken would fill the log.
                self._due[group] = now + REFRESH
                logger.exception("%s: who is here could not be shown; trying again", group)

    def _look_at(self, group: str, now: float) -> None:
        roster = self._rosters.get(group)
        if roster is not None:
            self._tell(group, roster, now)
            roster.expire(now)
            self._show(group, roster, now)
        if roster is None or roster.is_empty:
            for known in (self._rosters, self._told, self._shown, self._due, self._refresh):
                known.pop(group, None)
        else:
            self._due[group] = min(roster.due(now), self._refresh[group])

    def _tell(self, group: str, roster: Roster, now: float) -> None:
        people = roster.local(now)
        if now >= self._refresh.get(group, 0):
            self._refresh[group] = now + REFRESH
            news = people
        else:
            before = set(self._told.get(group, ()))
            news = [told for told in people if told not in before]
        self._told[group] = [told for told in people if told[2] != GONE]
        for some in packed(news, NOTE_LIMIT):
            self._send({"people": [self._me, group, some]})

    def _show(self, group: str, roster: Roster, now: float) -> None:
        feed = self._hub.feed(group)
        people, typing = roster.people(now), roster.typing()
        shown_people, shown_typing = self._shown.get(group, (None, None))
        # Apart, since typing changes often and the list of names is long.
        parts = [_PEOPLE] * (people != shown_people) + [_TYPING] * (typing != shown_typing)
        if feed is None or not parts:
            return
        frame = self._frame(parts, people, typing.values())
        own = {}
        if _TYPING in parts:
            for one in islice(typing, TYPISTS):  # nobody else's name is in the frame
                own[one] = self._frame(parts, people, (name for key, name in typing.items() if key != one))
        feed.send_ephemeral(lambda key: own.get(key, frame))
        self._shown[group] = (people, typing)

    def _frame(self, parts: Sequence[str], people: Sequence[Person], typing: Iterable[str]) -> Frame:
        context = PresenceContext(
            count=len(people),
            people=people[:SHOWN],
            more=max(0, len(people) - SHOWN),
            typing=list(islice(typing, TYPISTS)),
        )
        return Frame.ephemeral("".join(self._render(part, context) for part in parts))


def key_of(visitor: Visitor) -> str:
    """What others may know of a visitor's id."""
    return hashlib.sha256(visitor.id.encode()).hexdigest()[:12]


def _told(one: Any) -> Told:
    match one:
        case [str(key), str(name), str(state)] if state in STATES:
            return key, _name(name), state
    raise ValueError("no person")


def _name(text: str) -> str:
    """A name as another process may tell it. Raises ValueError when nothing of it could be seen."""
    name = _clean(text)
    if not name:
        raise ValueError("no name")
    return name


def _clean(text: str) -> str:
    """`text` as a name that any page can show, empty when nothing of it could be seen."""
    # Twice, since the cut can leave a joiner with nothing to join.
    return name_of(name_of(text)[:NAME_LIMIT])
