"""A reader that does not read costs nobody anything, and gets everything when it reads again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.pages import shows, wrong_with
from tests.contract.stalled_client import StalledClient
from tests.support.app_server import AppServer
from tests.support.database_shell import messages
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE, eventually, within

UNREAD = 4.0
"""Seconds that an impatient server lets a reader not read, on a machine that is not busy."""

LONG = "x" * 1990
WIDE = "👋" * 1990
TALKERS = 5
SAID_BY_EACH = 800
READERS = 10
GROWTH = 60 * 1024
"""KiB. What the readers do not read is more: 10 times 8 MB."""
HELD = 1_500_000
"""Characters in what the server itself may still hold for a reader: one frame of at most 500 messages."""


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[AppServer]:
    """One that waits for whoever reads again "in time", or the impatient one that the test asks for by `param`."""
    unread = within(request.param) if hasattr(request, "param") else PATIENCE
    command = (sys.executable, "-m", "tests.contract.impatient", str(unread))
    with AppServer(tmp_path / "server", command=command) as running:
        yield running
        complaints = running.complaints()
    assert not complaints, complaints


def resident(pid: int) -> int:
    """KiB of memory that the process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no such process")


def kernel_buffer() -> int:
    """Bytes of a socket that the kernel takes before anybody reads them, at most."""
    return int(Path("/proc/sys/net/ipv4/tcp_wmem").read_text().split()[2])


async def talk(client: LiveClient, name: str, count: int, long: str = LONG) -> None:
    for number in range(count):
        text = f"{name} {number} {long}"[:2000]
        await client.say(name, text, nonce=f"{name}-{number}")


def all_said(name: str, count: int, page: PageModel) -> bool:
    return sum(message.handle == name for message in page.messages()) == count


@pytest.mark.parametrize("server", [UNREAD], indirect=True)
async def test_readers_that_do_not_read_hold_up_nobody_and_are_closed_with_1013(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        for each in (ann, bob):
            await each.until(lambda page: page.text_of("banner") == "")
        with ExitStack() as stack:
            url = f"{server.ws_url}/{room}/live"
            stalled = [stack.enter_context(StalledClient(url)) for _ in range(READERS)]
            for frozen in stalled:
                frozen.send(action="resume", cursor="0")
            await talk(ann, "warming-up", 200)
            await bob.until(lambda page: all_said("warming-up", 200, page))
            before = resident(server.pid)
            talkers = [LiveClient(server.url, room, http=ann.http) for _ in range(TALKERS)]
            for number, talker in enumerate(talkers):
                await talker.load()
                await talker.reconnect()
                await talk(talker, f"talker-{number}", SAID_BY_EACH)
            grown = 0
            for number in range(TALKERS):
                await bob.until(lambda page, n=number: all_said(f"talker-{n}", SAID_BY_EACH, page))  # type: ignore[misc]
                grown = max(grown, resident(server.pid) - before)
            for talker in talkers:
                await talker.drop()
            assert grown < GROWTH, f"{grown} KiB more"
            await eventually(lambda: server.log().count("reads nothing") == READERS)
            most = kernel_buffer() + HELD
            for frozen in stalled:
                await asyncio.to_thread(frozen.read_to_the_end)
                assert frozen.closed_with == 1013
                assert sum(map(len, frozen.texts)) < most < TALKERS * SAID_BY_EACH * len(LONG)
        rows = messages(server.database, room)
        await ann.until(lambda page: shows(page, rows))
        assert ann.page.messages() == bob.page.messages()


async def test_a_reader_that_reads_again_in_time_gets_all_that_it_missed(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        page = PageModel((await ann.http.get(f"/{room}/")).text)
        with StalledClient(f"{server.ws_url}/{room}/live") as frozen:
            frozen.send(action="resume", cursor=page.cursor)
            await talk(ann, "ann", 450, WIDE)
            await ann.until(lambda page: all_said("ann", 450, page))
            await reads_again(frozen, page, ann, server, room)


async def test_a_page_that_resumes_while_a_frame_is_on_its_way_gets_all_that_it_missed(
    server: AppServer, room: str
) -> None:
    async with LiveClient(server.url, room) as ann:
        page = PageModel((await ann.http.get(f"/{room}/")).text)
        await ann.say("ann", "said before the socket was open")
        await ann.until(lambda page: len(page.messages()) == 1)
        with StalledClient(f"{server.ws_url}/{room}/live") as frozen:
            await talk(ann, "ann", 450, WIDE)
            await ann.until(lambda page: all_said("ann", 451, page))
            frozen.send(action="resume", cursor=page.cursor)
            await ann.say("ann", "last")
            await ann.until(lambda page: all_said("ann", 452, page))
            await reads_again(frozen, page, ann, server, room)


async def reads_again(frozen: StalledClient, page: PageModel, other: LiveClient, server: AppServer, room: str) -> None:
    """The frozen reader takes what there is for its `page`, which then shows what everybody sees."""
    await asyncio.to_thread(frozen.read_until, f'value="{other.page.cursor}"')
    for text in frozen.texts:
        page.apply(text)
    pushed = [frame for frame in other.frames if "message-" in frame]
    # On a slow machine one commit has many messages, so that the reader may miss no frame.
    assert len(frozen.texts) <= len(pushed)
    assert not wrong_with(page, messages(server.database, room))
    assert page.cursor == other.page.cursor
