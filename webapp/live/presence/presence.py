"""Shows in every process which visitors are here and who types. Presence is ephemeral: never logged, never stored."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from webapp.live.contexts import Person
from webapp.live.contexts import Presence as PresenceContext
from webapp.live.fanout import Frame, Hub, Wording
from webapp.live.presence.roster import GONE, STATES, Roster, Told
from webapp.live.relay import packed
from webapp.live.validation import name_and_secret, name_of
from webapp.live.visitor import NAME_LIMIT, Visitor

logger = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks at the rosters; a group gets at most one frame of presence in this time."""

REFRESH = 8.0
"""Seconds after which a process tells the others of all its people again, since notes may be lost."""

SHOWN = 30
"""People that a frame names, at most; it counts the rest."""

TYPISTS = 4
"""Names of typing visitors in a frame, at most; a page names one less, and says of more that several type."""

NOTE_LIMIT = 6000
"""Bytes of people in one note to other processes, at most."""

NAVIGATED = (1000, 1001)
"""Close codes of a page that the visitor closed or left; others mean that it is hidden or its connection lost."""

_PEOPLE, _TYPING = "live/_presence.html", "live/_typing.html"

_Seen = tuple[list[Person] | None, dict[str, str] | None]


class Presence:
    """The rosters of the groups in this process.

    Args:
        hub: Knows the feeds that send the frames.
        wording: Renders templates in the languages of the readers.
        send: Sends a note to the other processes; the note may be lost.
    """

    def __init__(self, hub: Hub, wording: Wording, send: Callable[[Any], None]) -> None:
        self._hub = hub
        self._wording = wording
        self._send = send
        self._me = secrets.token_hex(4)
        self._rosters: dict[str, Roster] = {}
        self._told: dict[str, list[Told]] = {}
        self._shown: dict[str, _Seen] = {}
        self._due: dict[str, float] = {}
        self._refresh: dict[str, float] = {}

    def enter(self, group: str, visitor: Visitor) -> None:
        """Note that a socket of `visitor` was opened on `group`."""
        self._roster(group).enter(key_of(visitor), _clean(visitor.handle) or visitor.guest)

    def leave(self, group: str, visitor: Visitor, code: int) -> None:
        """Note that a socket of `visitor` on `group` was closed with the WebSocket close code `code`."""
        self._roster(group).leave(key_of(visitor), code in NAVIGATED, time.monotonic())

    def replace(self, group: str, earlier: Visitor, visitor: Visitor) -> None:
        """Note that a socket of `visitor` was taken for one of `earlier`."""
        self.enter(group, visitor)
        self._roster(group).forget(key_of(earlier), time.monotonic())

    def type(self, group: str, visitor: Visitor, name: str | None) -> None:
        """Note that a visitor is typing.

        Args:
            group: The group.
            visitor: The visitor.
            name: The name in the form; None: the name that the visitor is known by.
        """
        key, roster = key_of(visitor), self._roster(group)
        known = roster.name(key) or _clean(visitor.handle) if name is None else _clean(name)
        name = known or visitor.guest
        if roster.type(key, name, time.monotonic()):
            self._send({"typing": [group, key, name]})

    def said(self, group: str, visitor: Visitor, name: str) -> None:
        """Note that `visitor` sent a message under `name`, so that it types no longer."""
        self._roster(group).said(key_of(visitor), name, time.monotonic())
        self._send({"said": [group, key_of(visitor), name]})

    def hear(self, note: Any) -> None:
        """Take a note of another process; one that is malformed is logged and dropped."""
        try:
            self._take(note)
        except ValueError:
            logger.warning("a note that is not ours: %.100r", note)

    async def work(self) -> None:
        """Send frames and notes for the rosters that have changed, until cancelled."""
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
        """Return the roster of `group` for a change; the next look sends it."""
        self._due[group] = 0
        return self._rosters.setdefault(group, Roster())

    def show_again(self, group: str) -> None:
        """Send the roster of `group` again, since a page that was caught up does not show it yet."""
        self._shown.pop(group, None)
        self._due[group] = 0

    def _look(self, now: float) -> None:
        for group in [group for group, due in self._due.items() if due <= now]:
            try:
                self._look_at(group, now)
            except Exception:
                # If a broken template were tried again at each tick, it would fill the log, so it waits for longer.
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
        # If one frame held both, each sign of typing would send the long list of people again.
        parts = [_PEOPLE] * (people != shown_people) + [_TYPING] * (typing != shown_typing)
        if feed is None or not parts:
            return
        languages = feed.languages
        frame = self._frame(languages, parts, people, typing.values())
        own = {}
        if _TYPING in parts:
            for one in islice(typing, TYPISTS):  # the frame for all has no other visitor's name
                others = [name for key, name in typing.items() if key != one]
                own[one] = self._frame(languages, parts, people, others)
        feed.send_ephemeral(lambda key: own.get(key, frame))
        self._shown[group] = (people, typing)

    def _frame(
        self, languages: Sequence[str], parts: Sequence[str], people: Sequence[Person], typing: Iterable[str]
    ) -> Frame:
        context = PresenceContext(
            count=len(people),
            people=people[:SHOWN],
            more=max(0, len(people) - SHOWN),
            typing=list(islice(typing, TYPISTS)),
        )
        html = self._wording.each(parts, languages, lambda render: "".join(render(part, context) for part in parts))
        return Frame.ephemeral(html)


def key_of(visitor: Visitor) -> str:
    """Return a key that tells visitors apart, and that other visitors may see, unlike the id."""
    return hashlib.sha256(visitor.id.encode()).hexdigest()[:12]


def _told(one: Any) -> Told:
    match one:
        case [str(key), str(name), str(state)] if state in STATES:
            return key, _name(name), state
    raise ValueError("no person")


def _name(text: str) -> str:
    """Return a name from another process's note, made fit for pages.

    Raises:
        ValueError: The name has no visible character.
    """
    name = _clean(text)
    if not name:
        raise ValueError("no name")
    return name


def _clean(text: str) -> str:
    """Return `text` as a name that any page can show; empty if it has no visible character."""
    # If the cut name were not cleaned again, it could end in a joiner that joins nothing.
    return name_of(name_and_secret(text)[0][:NAME_LIMIT])
