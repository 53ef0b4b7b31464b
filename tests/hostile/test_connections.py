"""How many connections there may be, in all and of one address, and who gives way to whom."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.hostile.attacks import FORM, GET, Attack, connected, kept, opened, post, requests, upgrade
from tests.hostile.beside import attacked, healthz, probed, talk
from tests.hostile.test_requests import answers, read_to_the_end
from tests.support.app_server import AppServer
from webapp.protocols.descriptors import backlog, descriptors, most_connections
from webapp.protocols.limits import HELD_LIMIT
from webapp.protocols.log import CollapsedLog
from webapp.protocols.table import ConnectionTable

DESCRIPTORS = 256
NARROW = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}))
sys.argv = ["webapp", "serve"]
runpy.run_module("webapp", run_name="__main__")
"""
SOFT = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {2 * DESCRIPTORS}))
sys.argv = ["webapp", "serve"]
runpy.run_module("webapp", run_name="__main__")
"""
MORE = 2 * DESCRIPTORS
ASK_FOR_MUCH = b"GET /static/vendor/htmx.org/htmx.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[AppServer]:
    """A server with few file descriptors."""
    with AppServer(tmp_path / "server", command=(sys.executable, "-c", NARROW)) as running:
        yield running
    running.check()


SILENT: dict[str, Attack] = {
    "that send nothing": kept(lambda: b"", MORE),
    "that send half a head": kept(lambda: GET[:-2], MORE),
    "that send half a body": kept(lambda: post("/silent-room/", FORM, "Content-Length: 1000") + b"message=", MORE),
    "that ask again and again": kept(lambda: GET, MORE),
}


@pytest.mark.parametrize("name", SILENT)
async def test_more_connections_than_descriptors_keep_nobody_out(narrow: AppServer, room: str, name: str) -> None:
    with attacked(narrow, (SILENT[name],)):
        with probed(narrow) as probes:
            await talk(narrow, room, 2)
        assert await asyncio.to_thread(narrow.stop, 10) == 0
    assert not probes.failed
    lines = [line for line in narrow.log().splitlines() if "are in use: ending the one that waits longest" in line]
    assert len(lines) == 1, "one line stands for all"


def test_a_server_takes_as_many_descriptors_as_it_may(tmp_path: Path) -> None:
    with AppServer(tmp_path / "server", command=(sys.executable, "-c", SOFT)) as running:
        assert resource.prlimit(running.pid, resource.RLIMIT_NOFILE) == (2 * DESCRIPTORS, 2 * DESCRIPTORS)


async def test_sockets_that_take_every_place_leave_some_for_pages(serve: Callable[..., AppServer]) -> None:
    server = serve(MAX_CONNECTIONS="20")
    with ExitStack() as stack:
        for _ in range(18):
            stack.enter_context(opened(server.port))
        assert answers(server, upgrade("/hostile-room/live")) == ([503], True)
        assert " 200 " in healthz(server.port)
        assert "18 are WebSockets" in server.log()
    await asyncio.sleep(0.5)
    with opened(server.port):
        pass


def test_a_connection_for_which_there_is_no_place_is_told_so(serve: Callable[..., AppServer]) -> None:
    server = serve(MAX_CONNECTIONS="1")
    with opened(server.port), ExitStack() as stack:
        for _ in range(3):
            # One that was refused, and does not go, holds no place that it could give to another.
            refused = stack.enter_context(connected(server.port))
            assert refused.recv(64).startswith(b"HTTP/1.1 503 ")
        for _ in range(3):
            assert answers(server, GET) == ([503], True)
        assert server.log().count("all 1 are in use: refusing more") == 1


async def test_a_client_that_does_not_read_its_answers_gives_way(serve: Callable[..., AppServer]) -> None:
    server = serve(MAX_CONNECTIONS="1")
    with attacked(server, (requests(ASK_FOR_MUCH, ASK_FOR_MUCH, read=False),)):
        # Once the kernel takes no more of the answers, which the attacker never reads.
        async with asyncio.timeout(40):
            while " 200 " not in await asyncio.to_thread(healthz, server.port):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.2)


def test_one_address_has_a_share_and_others_have_theirs(serve: Callable[..., AppServer]) -> None:
    limits = {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "10.0.0.1", "MAX_CONNECTIONS_PER_ADDRESS": "5"}
    server = serve(**limits)
    with ExitStack() as stack:
        taken = [stack.enter_context(connected(server.port)) for _ in range(5)]
        assert answers(server, GET) == ([503], True)
        other = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port), 10, ("127.0.0.2", 0))))
        other.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read_to_the_end(other)[0].startswith(b"HTTP/1.1 200 ")
        taken[0].close()
        for _ in range(100):
            if " 200 " in healthz(server.port):
                break
        else:
            raise AssertionError("a place that became free is not given to anybody")
    assert "127.0.0.1 has 5, the most for one address" in server.log()


@pytest.mark.parametrize(
    "env",
    [
        {"RATE_LIMIT": "off", "FORWARDED_ALLOW_IPS": "10.0.0.1"},
        {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "127.0.0.1"},
        {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "127.0.0.0/8"},
        {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "*"},
        {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "10.0.0.1", "MAX_CONNECTIONS_PER_ADDRESS": "0"},
    ],
)
def test_a_proxy_has_as_many_as_its_visitors(serve: Callable[..., AppServer], env: dict[str, str]) -> None:
    server = serve(**{"MAX_CONNECTIONS_PER_ADDRESS": "5", **env})
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(connected(server.port))
        assert " 200 " in healthz(server.port)


class Waiter:
    """A connection that waits."""

    deadline = 0.0
    is_admitted = True

    def __init__(self) -> None:
        self.ended: list[str] = []

    def expire(self) -> None:
        self.ended.append("expired")

    def give_way(self) -> None:
        self.ended.append("gave way")


async def test_of_those_that_wait_the_one_that_waits_longest_gives_way() -> None:
    table = ConnectionTable(2, 0, lambda address: False)
    assert table.admit("127.0.0.1") == table.admit("127.0.0.1") == ""
    assert table.admit("127.0.0.1") is None
    first, second = Waiter(), Waiter()
    table.wait(first, 60)
    table.wait(second, 60)
    table.wait(first, 60)
    assert table.admit("127.0.0.1") == ""
    assert (first.ended, second.ended) == ([], ["gave way"])
    table.serve(first)
    assert table.admit("127.0.0.1") is None
    for _ in range(3):
        table.remove("")
    assert table.admit("127.0.0.1") == ""


async def test_a_connection_that_waits_too_long_expires_alone() -> None:
    table = ConnectionTable(2, 0, lambda address: False)
    slow, patient = Waiter(), Waiter()
    table.wait(slow, 0)
    table.wait(patient, 60)
    async with asyncio.timeout(10):
        while not slow.ended:  # noqa: ASYNC110 - the table is asked to look now and then, and tells nobody
            await asyncio.sleep(0.05)
    assert (slow.ended[0], patient.ended) == ("expired", [])
    table.serve(slow)
    table.serve(patient)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::2:3:4:5", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
async def test_what_is_one_address(one: str, other: str, is_same: bool) -> None:
    table = ConnectionTable(100, 1, lambda address: False)
    key = table.admit(one)
    assert key
    assert (table.admit(other) is None) == is_same
    table.remove(key)
    assert table.admit(one)


async def test_what_unfinished_requests_hold_together_is_bounded() -> None:
    table = ConnectionTable(100, 1, lambda address: False)
    assert table.hold(HELD_LIMIT)
    assert not table.hold(1)
    assert table.hold(-HELD_LIMIT)
    assert table.hold(HELD_LIMIT - 1)


def test_the_cap_leaves_room_for_what_else_is_open() -> None:
    possible = most_connections(0)
    assert 0 < possible < descriptors() - backlog()
    assert most_connections(10**9) == possible
    assert most_connections(7) == 7


def test_a_line_that_a_client_can_cause_at_will_stands_for_many(caplog: pytest.LogCaptureFixture) -> None:
    log = CollapsedLog(logging.getLogger("test"))
    for number in range(1000):
        log.warning("refused %d", number)
        log.warning("something else")
    assert caplog.messages == ["refused 0", "something else"]
