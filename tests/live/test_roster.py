"""A roster agrees with a plain account of who came and went, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.live.presence.roster import (
    AWAY,
    AWAY_AFTER,
    FORGOTTEN_AFTER,
    GONE,
    GONE_AFTER,
    HERE,
    LEFT_AFTER,
    QUIET_FOR,
    SIGN_AFTER,
    STATES,
    TYPING_FOR,
    Roster,
)

LOOK = 0.5
KEYS, NAMES, PROCESSES = ("a", "b", "c"), ("Ann", "Bob"), ("one", "two")

Shown = dict[str, tuple[str, bool]]
"""Key → name, and whether away."""


@dataclass
class Here:
    """Somebody with sockets here, or who had some until `left`."""

    name: str
    sockets: int = 0
    left: float = 0
    closed_the_page: bool = False

    def state(self, now: float) -> str:
        if self.sockets:
            return HERE
        if now - self.left >= (LEFT_AFTER if self.closed_the_page else GONE_AFTER):
            return GONE
        return AWAY if now - self.left >= AWAY_AFTER and not self.closed_the_page else HERE


@dataclass
class Model:
    """What a roster has to say, told in the plainest way."""

    now: float = 0
    here: dict[str, Here] = field(default_factory=dict)
    told: dict[tuple[str, str], tuple[str, str, float]] = field(default_factory=dict)
    signs: dict[str, tuple[str, float]] = field(default_factory=dict)
    spoke: dict[str, float] = field(default_factory=dict)

    def forget(self) -> None:
        self.here = {key: one for key, one in self.here.items() if one.state(self.now) != GONE}
        self.told = {place: one for place, one in self.told.items() if self.now - one[2] < FORGOTTEN_AFTER}
        known = {*self.here, *(key for _, key in self.told)}
        self.signs = {key: one for key, one in self.signs.items() if self.now - one[1] < TYPING_FOR and key in known}

    def states(self) -> dict[str, list[tuple[str, str]]]:
        """Key → name and state at each place, this process first."""
        found: dict[str, list[tuple[str, str]]] = {}
        for key, one in self.here.items():
            found.setdefault(key, []).append((one.name, one.state(self.now)))
        for (_, key), (name, state, _) in self.told.items():
            found.setdefault(key, []).append((name, state))
        return found

    def people(self) -> Shown:
        shown: Shown = {}
        for key, places in self.states().items():
            present = [name for name, state in places if state == HERE]
            shown[key] = (present[0], False) if present else (places[0][0], True)
        return shown

    def typing(self) -> dict[str, str]:
        return {key: name for key, (name, _) in self.signs.items()}


class Both:
    """A roster, looked at as presence does, and the model, which is always right at once."""

    def __init__(self) -> None:
        self.roster = Roster()
        self.model = Model()
        self.due = 0.0

    def enter(self, key: str, name: str) -> None:
        self.roster.enter(key, name)
        one = self.model.here.setdefault(key, Here(name))
        one.name = name
        one.sockets += 1

    def leave(self, key: str, closed_the_page: bool) -> None:
        one = self.model.here.get(key)
        if one is None or not one.sockets:
            return
        self.roster.leave(key, closed_the_page, self.model.now)
        one.sockets -= 1
        if not one.sockets:
            one.left, one.closed_the_page = self.model.now, closed_the_page
            self.model.signs.pop(key, None)

    def tell(self, process: str, key: str, name: str, state: str) -> None:
        self.roster.tell(process, [(key, name, state)], self.model.now)
        if state == GONE:
            self.model.told.pop((process, key), None)
        else:
            self.model.told[process, key] = (name, state, self.model.now)

    def type(self, key: str, name: str) -> None:
        now = self.model.now
        late = now - self.model.spoke.get(key, -QUIET_FOR) < QUIET_FOR
        again = key in self.model.signs and now - self.model.signs[key][1] < SIGN_AFTER
        assert self.roster.type(key, name, now) is not (late or again)
        if not late and not again:
            self.model.signs[key] = (name, now)

    def said(self, key: str, name: str) -> None:
        self.roster.said(key, name, self.model.now)
        if key in self.model.here:
            self.model.here[key].name = name
        self.model.signs.pop(key, None)
        self.model.spoke[key] = self.model.now

    def wait(self, looks: int) -> None:
        for _ in range(looks):
            self.model.now += LOOK
            self.check()

    def check(self) -> None:
        if self.model.now >= self.due:
            self.look()
        self.model.forget()
        people = self.roster.people(self.model.now)
        assert {one.key: (one.name, one.is_away) for one in people} == self.model.people()
        assert len({one.key for one in people}) == len(people)
        assert [one.is_away for one in people] == sorted(one.is_away for one in people)
        assert self.roster.typing() == self.model.typing()
        assert self.roster.is_empty is not bool(people)

    def look(self) -> None:
        self.roster.expire(self.model.now)
        self.due = self.roster.due(self.model.now)
        assert self.due > self.model.now


KEY, NAME = st.sampled_from(KEYS), st.sampled_from(NAMES)
STEPS = st.one_of(
    st.tuples(st.just("enter"), KEY, NAME),
    st.tuples(st.just("leave"), KEY, st.booleans()),
    st.tuples(st.just("tell"), st.sampled_from(PROCESSES), KEY, NAME, st.sampled_from(STATES)),
    st.tuples(st.just("type"), KEY, NAME),
    st.tuples(st.just("said"), KEY, NAME),
    st.tuples(st.just("wait"), st.sampled_from((1, 2, 3, 5, 8, 11, 50, 120))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_a_roster_says_what_a_plain_account_of_the_same_steps_says(steps: list[tuple[str, ...]]) -> None:
    both = Both()
    for name, *arguments in steps:
        getattr(both, name)(*arguments)
        both.due = 0  # presence looks soon after anything that happens
        both.check()


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_nobody_lingers_once_everybody_has_left_and_no_process_tells_of_anybody(steps: list[tuple[str, ...]]) -> None:
    both = Both()
    for name, *arguments in steps:
        getattr(both, name)(*arguments)
        both.due = 0
        both.check()
    for key, one in list(both.model.here.items()):
        for _ in range(one.sockets):
            both.leave(key, False)
    both.due = 0
    both.wait(int(max(GONE_AFTER, FORGOTTEN_AFTER) / LOOK) + 1)
    assert both.roster.is_empty
    assert both.roster.people(both.model.now) == []
    assert both.roster.typing() == {}


def names(roster: Roster, now: float) -> list[str]:
    roster.expire(now)
    return [one.name for one in roster.people(now)]


def test_two_tabs_are_one_person_who_stays_until_the_last_is_closed() -> None:
    roster = Roster()
    roster.enter("a", "Ann")
    roster.enter("a", "Ann")
    assert names(roster, 0) == ["Ann"]
    roster.leave("a", True, 0)
    assert names(roster, 1000) == ["Ann"]
    roster.leave("a", True, 1000)
    assert names(roster, 1000 + LEFT_AFTER) == []


def test_a_reload_is_not_seen_by_anybody() -> None:
    roster = Roster()
    roster.enter("a", "Ann")
    before = roster.people(0)
    roster.leave("a", True, 0)
    for tenth in range(int(LEFT_AFTER * 10)):
        roster.expire(tenth / 10)
        assert roster.people(tenth / 10) == before
    roster.enter("a", "Ann")
    roster.expire(1000)
    assert roster.people(1000) == before


def test_who_hides_the_tab_is_away_after_a_moment_and_gone_after_a_minute() -> None:
    roster = Roster()
    roster.enter("a", "Ann")
    roster.leave("a", False, 0)
    assert [one.is_away for one in roster.people(AWAY_AFTER - 0.1)] == [False]
    assert [one.is_away for one in roster.people(AWAY_AFTER)] == [True]
    assert names(roster, GONE_AFTER - 0.1) == ["Ann"]
    assert names(roster, GONE_AFTER) == []


def test_who_is_away_at_one_process_and_here_at_another_is_here() -> None:
    roster = Roster()
    roster.tell("one", [("a", "Ann", AWAY)], 0)
    roster.tell("two", [("a", "Ann", HERE)], 0)
    assert [(one.name, one.is_away) for one in roster.people(0)] == [("Ann", False)]


def test_who_is_here_comes_before_who_is_away_by_name() -> None:
    roster = Roster()
    told = [("1", "zoe", HERE), ("2", "Bob", AWAY), ("3", "Ann", HERE), ("4", "ann", AWAY), ("5", "Bob", HERE)]
    roster.tell("one", told, 0)
    assert [one.key for one in roster.people(0)] == ["3", "5", "1", "4", "2"]


def test_typing_of_somebody_who_is_not_here_is_not_kept() -> None:
    roster = Roster()
    roster.type("a", "Ann", 0)
    roster.expire(0)
    assert roster.typing() == {}
    assert roster.is_empty
