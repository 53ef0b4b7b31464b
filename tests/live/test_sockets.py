"""One socket: what comes in is acted upon in order and answered, whatever it is, a bounded number at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Message as Event

from tests.support.engine import Engine, running
from tests.support.patience import PATIENCE
from tests.support.reader import TextReader
from webapp.chat.bindings import MessageBinding
from webapp.chat.contexts import MessageRefusal
from webapp.chat.draft import Draft
from webapp.chat.models import Message
from webapp.chat.refusal import MessageRefused
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.refusal import Refused
from webapp.live.binding.reply import Reply
from webapp.live.fanout.wording import Wording
from webapp.live.presence.presence import Presence
from webapp.live.protocol.connection import AT_ONCE, Connection
from webapp.live.protocol.engine import Engine as Parts
from webapp.live.protocol.engine import Stream
from webapp.live.protocol.socket_budget import RESUMES
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer

ANN = Visitor("ann-id", "Calm Sea")


class Browser(TextReader):
    """A page whose socket stays open."""

    def __init__(self) -> None:
        super().__init__()
        self.socket = self.connect()

    async def answer(self, event: Event) -> None:
        """The ASGI channel that the app writes."""
        assert event["type"] == "websocket.send"
        await self.socket.send(event)


class Echo(MessageBinding):
    """Says the message, and answers with its text.

    By text: `gates` are waited for first, `faults` are raised, and `rooms` are where it goes instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.faults: dict[str, Exception] = {}
        self.rooms: dict[str, int] = {}

    async def create(self, inbound: Inbound) -> Reply:
        text = inbound.text("message")
        self.started.append(text)
        if text in self.gates:
            await self.gates[text].wait()
        if text in self.faults:
            raise self.faults[text]
        room = self.rooms.get(text, self.room_id(inbound.group))
        row = Message(room_id=room, handle="ann", message=text)
        await inbound.writer.create(row, inbound.group)
        return Reply("echo", text)


class Served:
    """A socket of the engine's room. commits: how many there were. committed: set at each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.browser = Browser()
        self.chat = Echo()
        self.commits = 0
        self.committed = asyncio.Event()

    def ring(self, groups: Iterable[str]) -> None:
        """A commit, of which nobody is told: these tests read answers, not frames."""
        self.commits += 1
        self.committed.set()

    def render(self, template: str, context: object) -> str:
        """Texts that tell the answers apart; a problem's are the template's own."""
        return str(context) if template == "echo" else self.engine.render(template, context)

    async def said(self) -> list[str]:
        """What is committed, in order."""
        return [row.message for row in await Message.all().order_by("id")]


def ignore(note: object) -> None:
    """Carry a note nowhere."""


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[Served]:
    async with running(path) as engine:
        served = Served(engine)
        writer = Writer(served.ring)
        presence = Presence(engine.hub, Wording.of_one(served.render), ignore)
        live = Parts(hub=engine.hub, writer=writer, presence=presence, wording=Wording.of_one(served.render))
        streams = {"chat": Stream(served.chat, engine.room.group)}
        async with writer.working():
            connection = Connection(live, streams, ANN, served.browser.answer)
            task = asyncio.create_task(connection.run(served.browser.socket.receive))
            yield served
            served.browser.close()
            await asyncio.wait_for(task, PATIENCE)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path / "sockets.sqlite3") as found:
        yield found


def say(text: str, **fields: object) -> dict[str, object]:
    return {"stream": "chat", "action": "create", "message": text, **fields}


def problem(served: Served, reason: str) -> str:
    return served.engine.render("live/_problem.html", Refused(reason).reply.context)


async def test_frames_that_are_sent_at_once_are_answered_in_order_and_committed_together(served: Served) -> None:
    texts = [str(number) for number in range(AT_ONCE - 1)]
    served.browser.send(*map(say, texts))
    await served.browser.until(lambda browser: len(browser.frames) == len(texts))
    assert served.browser.frames == texts
    assert await served.said() == texts
    assert served.commits == 1


async def test_many_more_frames_than_that_keep_their_order_too(served: Served) -> None:
    texts = [str(number) for number in range(AT_ONCE * 10)]
    served.browser.send(*map(say, texts))
    await served.browser.until(lambda browser: len(browser.frames) == len(texts))
    assert served.browser.frames == texts
    assert await served.said() == texts
    assert served.commits < len(texts) / 4


async def test_more_than_may_be_acted_upon_at_once_wait_in_the_network(served: Served) -> None:
    texts = [str(number) for number in range(AT_ONCE * 3)]
    served.chat.gates = {text: asyncio.Event() for text in texts}
    served.browser.send(*map(say, texts))
    await served.browser.until(lambda browser: browser.taken == AT_ONCE)
    for _ in range(100):
        await asyncio.sleep(0)
    assert served.browser.taken == AT_ONCE
    assert served.chat.started == texts[:AT_ONCE]
    for gate in served.chat.gates.values():
        gate.set()
    await served.browser.until(lambda browser: len(browser.frames) == len(texts))
    assert served.browser.frames == texts


async def test_a_slow_one_does_not_hold_up_the_next(served: Served) -> None:
    served.chat.gates = {"slow": asyncio.Event()}
    served.browser.send(say("slow"), say("quick"))
    await served.browser.until(lambda browser: browser.frames == ["quick"])
    served.chat.gates["slow"].set()
    await served.browser.until(lambda browser: browser.frames == ["quick", "slow"])


async def test_a_refusal_waits_for_what_was_asked_before_it(served: Served) -> None:
    served.chat.gates = {"slow": asyncio.Event()}
    served.browser.send(say("slow"), say("x", action="shout"), say("quick"))
    await served.browser.until(lambda browser: browser.frames == ["quick"])
    served.chat.gates["slow"].set()
    await served.browser.until(lambda browser: len(browser.frames) == 3)
    assert served.browser.frames[1] == "slow"
    assert "#problem" in served.browser.frames[2]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (say("x", action="shout"), "unknown_action"),
        (say("x", action=None), "unknown_action"),
        (say("x", action=["create"]), "unknown_action"),
        (say("x", action="Create"), "unknown_action"),
        (say("x", action="update", pk="1"), "unknown_action"),
        (say("x", action="delete", pk=1), "unknown_action"),
        (say("x", action="perform"), "unknown_action"),
        (say("x", action="__init__"), "unknown_action"),
        ({"stream": "chat"}, "unknown_action"),
        (say("x", stream="values"), "unknown_stream"),
        (say("x", stream=None), "unknown_stream"),
        (say("x", stream=["chat"]), "unknown_stream"),
        (say("x", stream={"chat": 1}), "unknown_stream"),
        ({}, "unknown_stream"),
        (say("x", pk=1.5), "bad_field"),
        (say("x", pk=["1"]), "bad_field"),
        (say("x", pk={"1": 1}), "bad_field"),
        (say("x", message=7), "bad_field"),
        ([say("x")], "malformed"),
        ("null", "malformed"),
        ("", "malformed"),
        ("{", "malformed"),
        (b"{}", "malformed"),
        ('"' + "x" * 20_000 + '"', "too_large"),
    ],
)
async def test_a_frame_that_makes_no_sense_is_answered_and_does_nothing(
    served: Served, frame: object, reason: str
) -> None:
    served.browser.send(frame, say("it lives"))
    await served.browser.until(lambda browser: len(browser.frames) == 2)
    # The first is answered at once, the second when it is committed.
    assert served.browser.frames == [problem(served, reason), "it lives"]
    assert await served.said() == ["it lives"]


async def test_an_exception_in_a_binding_is_answered_and_logged_and_the_socket_lives_on(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    served.chat.faults = {"bad": ZeroDivisionError("told to nobody"), "worse": KeyError("told to nobody")}
    served.browser.send(say("bad"), say("worse"))
    await served.browser.until(lambda browser: len(browser.frames) == 2)
    assert served.browser.frames == [problem(served, "failed")] * 2
    served.browser.send(say("it lives"))
    await served.browser.until(lambda browser: len(browser.frames) == 3)
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info[0] for record in logged if record.exc_info] == [ZeroDivisionError, KeyError]
    assert ANN.id[:8] in logged[0].getMessage()
    assert not any("told to nobody" in answer for answer in served.browser.frames)


async def test_refused_messages_are_answered_by_their_own_reply_and_few_of_many_are_logged(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    no = MessageRefused(Draft("ann", "what was typed", "nonce"), MessageRefusal("busy"))
    served.chat.faults = {"no": no}
    for _ in range(20):
        served.browser.send(say("no"))
    await served.browser.until(lambda browser: len(browser.frames) == 20)
    assert served.browser.frames == [served.engine.render("chat/_refused.html", no.context)] * 20
    logged = [record.getMessage() for record in caplog.records if "refused a frame" in record.getMessage()]
    assert [line.split(": ")[1] for line in logged] == [f"busy (no. {number})" for number in (1, 2, 3, 4, 5, 8, 16)]


async def test_a_row_that_the_database_refuses_is_answered_and_the_others_are_committed(
    served: Served,
) -> None:
    served.chat.rooms = {"nowhere": 999}
    served.browser.send(say("one"), say("nowhere"), say("two"))
    await served.browser.until(lambda browser: len(browser.frames) == 3)
    assert sorted(served.browser.frames) == sorted(["one", problem(served, "failed"), "two"])
    assert await served.said() == ["one", "two"]


async def test_the_visitor_and_the_group_are_the_sockets_not_the_frames(served: Served) -> None:
    seen: list[Inbound] = []

    async def create(inbound: Inbound) -> Reply:
        seen.append(inbound)
        return Reply("echo", "seen")

    served.chat.create = create  # type: ignore[method-assign]
    served.browser.send(say("x", visitor="bob", group="room:2", room_id="2", pk=5))
    await served.browser.until(lambda browser: browser.frames == ["seen"])
    assert (seen[0].visitor, seen[0].group, seen[0].pk) == (ANN, served.engine.room.group, "5")


async def test_what_was_accepted_before_the_socket_closed_is_committed_but_answered_to_nobody(tmp_path: Path) -> None:
    async with serving(tmp_path / "sockets.sqlite3") as served:
        served.browser.send(say("last words"))
        served.browser.close()
        await served.browser.until(lambda browser: browser.taken == 2)
        await asyncio.wait_for(served.committed.wait(), PATIENCE)
        assert await served.said() == ["last words"]
        assert served.browser.frames == []


async def test_an_answer_that_finds_its_socket_gone_harms_nobody(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(event: Event) -> None:
        raise RuntimeError("closed")

    presence = Presence(served.engine.hub, Wording.of_one(served.render), ignore)
    engine = served.engine
    live = Parts(hub=engine.hub, writer=engine.writer, presence=presence, wording=Wording.of_one(served.render))
    other = Browser()
    connection = Connection(live, {"chat": Stream(served.chat, served.engine.room.group)}, ANN, gone)
    task = asyncio.create_task(connection.run(other.socket.receive))
    other.send(say("one"), "nonsense")
    other.close()
    await asyncio.wait_for(task, PATIENCE)
    served.browser.send(say("two"))
    await served.browser.until(lambda browser: "two" in browser.frames)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_socket_that_resumes_over_and_over_is_told_to_wait_and_the_rest_of_it_works(tmp_path: Path) -> None:
    async with serving(tmp_path / "engine.sqlite3") as served:
        browser = served.browser
        browser.send(*[{"action": "resume", "cursor": "0"}] * 200)
        browser.send({"stream": "chat", "action": "create", "message": "still here"})
        await browser.until(lambda browser: "still here" in browser.frames)
        await browser.until(lambda browser: sum("asked for a lot" in answer for answer in browser.frames) >= 150)
        lists = sum("log" in answer for answer in browser.frames)
        assert lists <= RESUMES.burst + 40
