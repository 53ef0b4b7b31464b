"""Who is here and who is typing reaches everybody in few small steps, in every process, and is gone by itself."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from tests.support.dom import Document
from tests.support.reader import TextReader
from webapp.live.changelog.log import ChangeLog
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.fanout.wording import Wording
from webapp.live.presence import presence as presence_module
from webapp.live.presence.presence import REFRESH, SHOWN, TICK, TYPISTS, Presence, key_of
from webapp.live.presence.roster import FORGOTTEN_AFTER, GONE_AFTER, LEFT_AFTER, QUIET_FOR, SIGN_AFTER, TYPING_FOR
from webapp.live.relay.relay import Relay
from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.live.templating.templates import Templates
from webapp.live.visitor import Visitor

ROOM, OTHER = "room:1", "room:2"
PAGE = "<p id=people-count></p><ul id=people-list></ul><p id=people-more></p><p id=typing></p>"
CLOSED, HIDDEN = 1001, 1005
EVERYTHING = max(GONE_AFTER, FORGOTTEN_AFTER) + REFRESH

templates = Templates([TEMPLATES], Assets([STATIC]))


class Clock:
    """The time that presence sees."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Quiet:
    """A change log in which nothing ever happens."""

    async def head(self, group: str) -> int:
        return 0

    async def after(self, group: str, seq: int, limit: int) -> list[object]:
        return []


class Tab(TextReader):
    """A socket's server side, and what its page shows."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__()
        self.visitor = visitor
        self._page = Document(f"<body>{PAGE}</body>")
        self._unread: list[str] = []
        self.subscriber = Subscriber(key=key_of(visitor), send=self._send, write=self._write)

    def words(self, name: str) -> str:
        """What the element with that id says."""
        return str(self._element(name).text_content()).replace("\N{NO-BREAK SPACE}", " ").strip()

    def names(self) -> list[str]:
        """The lines of the list."""
        return [line.text_content() for line in self._element("people-list")]

    def _element(self, name: str) -> HtmlElement:
        for frame in self._unread:
            self._page.apply(frame)
        self._unread.clear()
        element = self._page.by_id(name)
        assert element is not None
        return element

    async def _send(self, message: Any) -> None:
        raise AssertionError(f"not written at once: {message}")

    def _write(self, frame: bytes) -> bool:
        start = {126: 4, 127: 10}.get(frame[1], 2)
        self._keep(frame[start:].decode())
        self._changed.set()
        return True

    def _read(self, text: str) -> str:
        self._unread.append(text)
        return text


class Process:
    """A process of its own, with the tabs that are connected to it. notes: what it told the others."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.notes: list[Any] = []
        self.others: list[Process] = []
        self.broken: set[str] = set()
        self.rendered = 0
        self.hub = Hub(cast(ChangeLog, Quiet()), FrameRenderer({}, Wording.of_one(templates.render)))
        self.presence = Presence(self.hub, Wording.of_one(self._render), self._note)

    def open(self, visitor: Visitor, group: str = ROOM) -> Tab:
        """A page comes up."""
        tab = Tab(visitor)
        self.hub.subscribe(group, tab.subscriber)
        self.presence.enter(group, visitor)
        self.presence.show_again(group)
        return tab

    def close(self, tab: Tab, code: int = CLOSED, group: str = ROOM) -> None:
        """Its socket is closed."""
        tab.subscriber.leave()
        self.presence.leave(group, tab.visitor, code)

    def remembers(self) -> int:
        """How many things it keeps."""
        presence = self.presence
        kept = (presence._rosters, presence._told, presence._shown, presence._due, presence._refresh)
        return sum(len(each) for each in kept)

    def _render(self, name: str, context: Any) -> str:
        if any(one.name in self.broken for one in context.people):
            raise RuntimeError("a broken template")
        self.rendered += 1
        return templates.render(name, context)

    def _note(self, note: Any) -> None:
        self.notes.append(note)
        for other in self.others:
            other.presence.hear(json.loads(json.dumps(note)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(presence_module, "time", clock)
    return clock


@pytest.fixture
async def processes(clock: Clock) -> list[Process]:
    """Two, which hear each other."""
    one, two = Process(clock), Process(clock)
    one.others, two.others = [two], [one]
    return [one, two]


@pytest.fixture
async def process(clock: Clock) -> Process:
    return Process(clock)


def visitor(name: str) -> Visitor:
    return Visitor(f"id of {name}", f"Guest {name}", name)


def pass_time(seconds: float, *processes: Process) -> None:
    """Let time pass in all of them; at least one look is taken."""
    clock = processes[0].clock
    for _ in range(max(1, round(seconds / TICK))):
        clock.now += TICK
        for process in processes:
            process.presence._look(clock.now)


async def test_people_in_two_processes_see_each_other_come_hide_and_go(processes: list[Process]) -> None:
    one, two = processes
    ann, bob = one.open(visitor("Ann")), two.open(visitor("Bob"))
    pass_time(2 * TICK, *processes)
    assert ann.names() == bob.names() == ["Ann", "Bob"]
    assert ann.words("people-count") == bob.words("people-count") == "2 here"
    two.close(bob, HIDDEN)
    pass_time(5, *processes)
    assert ann.names() == ["Ann", "Bob away"]
    bob = two.open(visitor("Bob"))
    pass_time(2 * TICK, *processes)
    assert ann.names() == bob.names() == ["Ann", "Bob"]
    two.close(bob, CLOSED)
    pass_time(LEFT_AFTER + 2 * TICK, *processes)
    assert ann.names() == ["Ann"]


async def test_a_name_changes_everywhere_when_its_owner_speaks(processes: list[Process]) -> None:
    one, two = processes
    here, there = one.open(visitor("Ann")), two.open(visitor("Ann"))
    bob = two.open(visitor("Bob"))
    one.presence.said(ROOM, here.visitor, "Anna")
    pass_time(2 * TICK, *processes)
    assert here.names() == there.names() == bob.names() == ["Anna", "Bob"]


async def test_people_of_a_process_that_died_are_gone_after_a_while(processes: list[Process]) -> None:
    one, two = processes
    ann = one.open(visitor("Ann"))
    two.open(visitor("Bob"))
    pass_time(TICK, *processes)
    pass_time(FORGOTTEN_AFTER - 2, one)
    assert ann.names() == ["Ann", "Bob"]
    pass_time(3, one)
    assert ann.names() == ["Ann"]


async def test_a_process_that_missed_every_note_knows_everybody_after_the_next_round(processes: list[Process]) -> None:
    one, two = processes
    one.others = []
    one.open(visitor("Ann"))
    pass_time(2 * TICK, *processes)
    bob = two.open(visitor("Bob"))
    one.others = [two]
    pass_time(REFRESH + TICK, *processes)
    assert bob.names() == ["Ann", "Bob"]


async def test_a_thousand_who_come_at_once_make_few_frames_and_few_notes(process: Process) -> None:
    tabs = []
    for number in range(1000):
        tabs.append(process.open(visitor(f"Visitor {number:04}")))
        if number % 100 == 99:
            pass_time(TICK, process)
    assert tabs[0].words("people-count") == tabs[-1].words("people-count") == "1000 here"
    assert len(tabs[0].names()) == SHOWN
    assert tabs[0].words("people-more") == f"and {1000 - SHOWN} more"
    assert len(tabs[0].frames) < 20
    assert len(process.notes) < 40
    assert max(map(len, tabs[0].frames)) < 4000


async def test_nothing_is_sent_while_nothing_changes(processes: list[Process]) -> None:
    one, two = processes
    ann = one.open(visitor("Ann"))
    two.open(visitor("Bob"))
    pass_time(2 * TICK, *processes)
    ann.frames.clear()
    one.notes.clear()
    pass_time(10 * REFRESH, *processes)
    assert ann.frames == []
    assert len(one.notes) <= 10


async def test_many_who_type_at_once_cost_few_renderings(process: Process) -> None:
    tabs = [process.open(visitor(f"Visitor {number:04}")) for number in range(200)]
    pass_time(TICK, process)
    process.rendered = 0
    for tab in tabs:
        process.presence.type(ROOM, tab.visitor, tab.visitor.handle)
    pass_time(TICK, process)
    assert {tab.words("typing") for tab in tabs} == {"Several people are typing…"}
    assert process.rendered == TYPISTS + 1


@pytest.mark.parametrize("count", [1, 300])
async def test_notes_fit_what_the_relay_carries_even_with_the_longest_names(clock: Clock, count: int) -> None:
    process = Process(clock)
    for number in range(count):
        tab = process.open(Visitor(str(number), "guest", "🦊" * 40), "room:9223372036854775807")
        process.presence.type("room:9223372036854775807", tab.visitor, "🦊" * 50)
        process.presence.said("room:9223372036854775807", tab.visitor, "🦊" * 40)
    pass_time(TICK, process)
    relay = Relay("test://", lambda groups: None)
    sizes = [len(json.dumps({"from": relay._me, "groups": [], "notes": [note]})) for note in process.notes]
    assert max(sizes) <= 7999
    told = [one for note in process.notes for one in note.get("people", ([], [], []))[2]]
    assert len(told) == count


GARBAGE: list[Any] = [
    *(None, True, 57, 5.7, "", "people", [], ["people"], {}, {"x": 1}, {"people": None}, {"people": "abc"}),
    *({"people": ["p", ROOM]}, {"people": ["p", ROOM, "abc"]}, {"people": ["p", ROOM, ["abc"]]}),
    *({"people": ["p", ROOM, [["k", "Eve", "elsewhere"]]]}, {"people": ["p", ROOM, [["k", 5, "here"]]]}),
    *({"people": ["p", ROOM, [["ok", "Eve", "here"], ["k"]]]}, {"people": ["p", ROOM, [["k", " \u200b", "here"]]]}),
    *({"people": [1, 2, 3]}, {"people": ["p", ROOM, {"k": 1}]}, {"typing": "abc"}, {"typing": [ROOM, "k"]}),
    *({"typing": [ROOM, "k", None]}, {"typing": [ROOM, "k", "\ud800"]}, {"said": []}, {"said": [ROOM, "k"]}),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
async def test_a_note_that_makes_no_sense_is_ignored_with_a_line_in_the_log(
    process: Process, garbage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ann = process.open(visitor("Ann"))
    pass_time(TICK, process)
    process.presence.hear(garbage)
    pass_time(TICK, process)
    assert ann.names() == ["Ann"]
    assert ann.words("typing") == ""
    (line,) = [record.getMessage() for record in caplog.records]
    assert "not ours" in line
    assert len(line) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([ROOM, "here"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["people", "typing", "said"]) | st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(notes=st.lists(JSON, max_size=5))
def test_no_note_whatever_breaks_anything(notes: list[Any]) -> None:
    logging.disable()
    try:
        process = Process(Clock())
        for note in notes:
            process.presence.hear(note)
        now = time.monotonic()
        process.presence._look(now)
        process.presence._look(now + EVERYTHING)
    finally:
        logging.disable(logging.NOTSET)
    assert process.remembers() == 0


async def test_a_note_with_half_a_character_in_a_name_breaks_no_frame(process: Process) -> None:
    ann = process.open(visitor("Ann"))
    process.presence.hear({"people": ["p", ROOM, [["k", "E\ud800ve", "here"]]]})
    process.presence.type(ROOM, visitor("Bob"), "B\ud800ob")
    pass_time(TICK, process)
    assert ann.names() == ["Ann", "E ve"]


async def typing_pair(processes: list[Process]) -> tuple[Tab, Tab]:
    """Ann in one process, who types, and Bob in the other, who sees it."""
    one, two = processes
    ann, bob = one.open(visitor("Ann")), two.open(visitor("Bob"))
    pass_time(2 * TICK, *processes)
    one.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, *processes)
    assert bob.words("typing") == "Ann is typing…"
    assert ann.words("typing") == ""
    return ann, bob


async def test_typing_is_shown_in_every_process_and_is_over_when_no_more_signs_come(processes: list[Process]) -> None:
    _, bob = await typing_pair(processes)
    pass_time(TYPING_FOR, *processes)
    assert bob.words("typing") == ""


async def test_typing_is_over_when_it_is_said_and_late_signs_do_not_bring_it_back(processes: list[Process]) -> None:
    one, _ = processes
    ann, bob = await typing_pair(processes)
    one.presence.said(ROOM, ann.visitor, "Ann")
    pass_time(TICK, *processes)
    assert bob.words("typing") == ""
    one.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, *processes)
    assert bob.words("typing") == ""
    pass_time(QUIET_FOR, *processes)
    one.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, *processes)
    assert bob.words("typing") == "Ann is typing…"


@pytest.mark.parametrize("code", [CLOSED, HIDDEN])
async def test_typing_is_over_at_once_when_its_window_is_left(process: Process, code: int) -> None:
    ann, bob = process.open(visitor("Ann")), process.open(visitor("Bob"))
    process.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, process)
    assert bob.words("typing") == "Ann is typing…"
    process.close(ann, code)
    pass_time(TICK, process)
    assert bob.words("typing") == ""


async def test_signs_of_typing_that_come_too_fast_tell_others_nothing(process: Process) -> None:
    ann = process.open(visitor("Ann"))
    pass_time(TICK, process)
    process.notes.clear()
    for number in range(1000):
        process.presence.type(ROOM, ann.visitor, f"Ann {number}")
    assert len(process.notes) == 1
    process.clock.now += SIGN_AFTER
    process.presence.type(ROOM, ann.visitor, "Ann")
    assert len(process.notes) == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ann", "Ann"), (" A\n\tB ", "A B"), ("", "Guest Ann"), (" \u200b ", "Guest Ann"), ("x" * 41, "x" * 40)],
)
async def test_typing_shows_the_name_in_the_box_as_a_message_would(process: Process, name: str, shown: str) -> None:
    ann, bob = process.open(visitor("Ann")), process.open(visitor("Bob"))
    process.presence.type(ROOM, ann.visitor, name)
    pass_time(TICK, process)
    assert bob.words("typing") == f"{shown} is typing…"


async def test_who_types_without_saying_a_name_goes_by_the_known_one(process: Process) -> None:
    ann, bob = process.open(visitor("Ann")), process.open(visitor("Bob"))
    process.presence.said(ROOM, ann.visitor, "Anna")
    pass_time(QUIET_FOR, process)
    process.presence.type(ROOM, ann.visitor, None)
    pass_time(TICK, process)
    assert bob.words("typing") == "Anna is typing…"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("A", "A is typing…"),
        ("AB", "A and B are typing…"),
        ("ABC", "A, B and C are typing…"),
        ("ABCD", "Several people are typing…"),
        ("ABCDEFG", "Several people are typing…"),
    ],
)
async def test_the_line_of_who_is_typing_is_a_sentence(process: Process, names: str, line: str) -> None:
    reader = process.open(visitor("Zoe"))
    for name in names:
        tab = process.open(visitor(name))
        process.presence.type(ROOM, tab.visitor, name)
    pass_time(TICK, process)
    assert reader.words("typing") == line


async def test_the_list_of_names_is_not_sent_again_because_somebody_types(process: Process) -> None:
    ann, bob = process.open(visitor("Ann")), process.open(visitor("Bob"))
    pass_time(TICK, process)
    bob.frames.clear()
    process.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, process)
    (frame,) = bob.frames
    assert "people" not in frame
    assert len(frame) < 150


async def test_a_page_that_comes_up_to_date_again_is_told_who_is_here_and_typing(process: Process) -> None:
    ann, bob = process.open(visitor("Ann")), process.open(visitor("Bob"))
    process.presence.type(ROOM, ann.visitor, "Ann")
    pass_time(TICK, process)
    bob.frames.clear()
    process.presence.show_again(ROOM)
    pass_time(TICK, process)
    assert "Ann is typing" in bob.words("typing")
    assert len(bob.frames) == 1
    assert bob.names() == ["Ann", "Bob"]


async def test_markup_in_a_name_is_text(process: Process) -> None:
    ann, bob = process.open(visitor("<b>Ann</b>")), process.open(visitor("Bob"))
    process.presence.type(ROOM, ann.visitor, "<b>Ann</b>")
    pass_time(TICK, process)
    assert bob.names() == ["<b>Ann</b>", "Bob"]
    assert bob.words("typing") == "<b>Ann</b> is typing…"


async def test_groups_that_nobody_is_in_any_more_leave_nothing_behind(processes: list[Process]) -> None:
    one, two = processes
    for number in range(50):
        tabs = [(one, one.open(visitor("Ann"), f"room:{number}")), (two, two.open(visitor("Bob"), f"room:{number}"))]
        one.presence.type(f"room:{number}", visitor("Ann"), "Ann")
        for process, tab in tabs:
            process.close(tab, HIDDEN, f"room:{number}")
        one.presence.said("room:elsewhere", visitor("Ann"), "Ann")
    pass_time(TICK, *processes)
    assert two.remembers() > 0
    pass_time(EVERYTHING, *processes)
    assert [process.remembers() for process in processes] == [0, 0]


async def test_a_room_that_cannot_be_shown_holds_up_no_other_and_is_tried_again(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    eve, ann = process.open(visitor("Eve")), process.open(visitor("Ann"), OTHER)
    process.broken.add("Eve")
    pass_time(4 * TICK, process)
    assert ann.names() == ["Ann"]
    assert caplog.text.count("could not be shown") == 1
    process.broken.clear()
    pass_time(REFRESH, process)
    assert eve.names() == ["Eve"]


async def test_the_work_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_module, "TICK", 0.01)
    process = Process(Clock())
    work = asyncio.create_task(process.presence.work())
    ann = process.open(visitor("Ann"))
    await ann.until(lambda ann: ann.frames)
    assert ann.names() == ["Ann"]
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
