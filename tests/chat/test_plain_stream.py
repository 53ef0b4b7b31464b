"""The talk that never ends: as a browser without scripts reads it, without the browser."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.access.people import Person
from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from tests.support.patience import PATIENCE
from webapp.chat.plain import places
from webapp.chat.plain.places import Full, Places


class Reader:
    """A talk that is being read."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.text = ""
        self._pieces = answer.aiter_text()

    async def more(self) -> None:
        async with asyncio.timeout(PATIENCE):
            self.text += await anext(self._pieces)

    async def until(self, pattern: str) -> None:
        while not re.search(pattern, self.text):
            await self.more()

    async def end(self) -> None:
        async with asyncio.timeout(PATIENCE):
            async for piece in self._pieces:
                self.text += piece

    @property
    def said(self) -> list[str]:
        return re.findall(r"<p dir=auto>(.*?)</p>", self.text)


@asynccontextmanager
async def reading(url: str, room: str) -> AsyncIterator[Reader]:
    async with httpx.AsyncClient(timeout=PATIENCE) as http, http.stream("GET", f"{url}/{room}/stream") as answer:
        reader = Reader(answer)
        if answer.status_code == 200:
            await reader.until(r"<ol class=\"messages plain__messages\">")
        yield reader


@pytest.fixture
def visited(server: AppServer, room: str) -> str:
    httpx.get(f"{server.url}/{room}/").raise_for_status()
    return room


async def test_what_is_said_is_written_at_once_and_who_reads_is_here(server: AppServer, visited: str) -> None:
    fill_room(server.database, visited, [("ann", "before")])
    async with LiveClient(server.url, visited) as ann, reading(server.url, visited) as bob:
        await bob.until("before")
        assert bob.answer.headers["content-security-policy"].count("frame-ancestors 'self'") == 1
        assert bob.answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert bob.answer.headers["cache-control"] == "no-store"
        assert bob.answer.headers["content-encoding"] == "identity"
        assert bob.answer.headers["x-accel-buffering"] == "no"
        await ann.say("ann", "now")
        await bob.until("now")
        fill_room(server.database, visited, [("psql", f"later {number}") for number in range(120)])
        await bob.until("later 119")
        assert bob.said == ["before", "now", *(f"later {number}" for number in range(120))]
        await bob.until("2 here")
        assert "</html>" not in bob.text


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE message SET message = 'changed'",
        "DELETE FROM message",
        "INSERT INTO reaction (message_id, visitor, emoji) SELECT id, 'x', '👍' FROM message",
    ],
)
async def test_a_change_of_what_is_there_ends_the_talk_in_order(server: AppServer, visited: str, sql: str) -> None:
    fill_room(server.database, visited, [("ann", "before")])
    async with reading(server.url, visited) as bob:
        await bob.until("here</hx-partial>")
        tell(server.database, f"{sql} WHERE room_id = (SELECT id FROM room WHERE label = '{visited}')")
        await bob.end()
    assert bob.said == ["before"]


async def test_nothing_is_lost_or_doubled_between_the_first_rows_and_the_rest(server: AppServer, visited: str) -> None:
    async def write() -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as http:
            for number in range(150):
                await http.post(f"/{visited}/", data={"message": f"n{number:03}"})

    writing = asyncio.create_task(write())
    seen = []
    while not writing.done():
        async with reading(server.url, visited) as bob:
            while len(re.findall("<li id", bob.text)) < 55 and not writing.done():
                await bob.more()
            seen.append(bob.said)
    await writing
    async with reading(server.url, visited) as bob:
        await bob.until("n149")
    for said in [*seen, bob.said]:
        numbers = [int(text[1:]) for text in said]
        assert all(later == earlier + 1 for earlier, later in pairwise(numbers)), numbers
    assert len(seen) > 3


async def test_a_reader_who_may_not_read_any_more_gets_nothing_more(server: AppServer, room: str) -> None:
    with Person(server.url, room, "Olga") as owner:
        owner.page()
        async with reading(server.url, room) as bob:
            owner.set("passphrase", passphrase="open sesame")
            owner.say("between us")
            await bob.end()
        assert "between us" not in bob.text
        async with reading(server.url, room) as bob:
            assert bob.answer.status_code == 403
            await bob.answer.aread()
            assert bob.answer.headers["x-frame-options"] == "SAMEORIGIN"
            assert "between us" not in bob.answer.text


async def test_before_the_process_stops_each_talk_ends_in_order(tmp_path: Path, room: str) -> None:
    with AppServer(tmp_path) as server:
        async with LiveClient(server.url, room):
            pass
        async with reading(server.url, room) as bob:
            await bob.until("here</hx-partial>")
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            await bob.end()
            assert await stopping == 0


async def test_a_reader_who_does_not_read_is_let_go_and_holds_up_nobody(server: AppServer, visited: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.sendall(f"GET /{visited}/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        async with LiveClient(server.url, visited) as ann, reading(server.url, visited) as bob:
            for number in range(100):
                await ann.say("ann", f"{number} " + "x" * 1900)
            await bob.until("99 xxx")
            await ann.until(lambda page: len(page.texts()) == 100)


async def test_the_form_says_a_message_and_is_empty_again(server: AppServer, visited: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http, reading(server.url, visited) as bob:
        form = (await http.get(f"/{visited}/plain/write")).text
        assert f'action="/{visited}/plain/write"' in form
        answer = await http.post(f"/{visited}/plain/write", data={"handle": "Zoe", "message": "hello"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{visited}/plain/write#message")
        await bob.until("hello")
        answer = await http.post(f"/{visited}/plain/write", data={"handle": "Zoe", "message": "x" * 2001})
        assert answer.status_code == 422
        assert "x" * 2001 in answer.text
        assert "Zoe" in (await http.get(f"/{visited}/plain/write")).text


def test_to_ask_for_the_headers_alone_does_not_wait(server: AppServer, visited: str) -> None:
    answer = httpx.head(f"{server.url}/{visited}/stream", timeout=PATIENCE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_without_a_room_a_visit_makes_it_first(server: AppServer, room: str) -> None:
    answer = httpx.get(f"{server.url}/{room}/plain")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{room}/")
    assert httpx.get(f"{server.url}/{room}/stream").status_code == 403


def test_places_are_bounded_by_network_and_by_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST", 3)
    monkeypatch.setattr(places, "MOST_OF_NETWORK", 2)
    talks = Places()
    with talks.taken("a"), talks.taken("a"):
        with pytest.raises(Full), talks.taken("a"):
            pass
        with talks.taken("b"), pytest.raises(Full), talks.taken("c"):
            pass
    with talks.taken("a"), talks.taken("a"), talks.taken("b"):
        pass


async def test_a_message_that_cannot_be_shown_is_left_out_of_the_talk_alone(server: AppServer, visited: str) -> None:
    fill_room(server.database, visited, [("ann", "good"), ("ann", "bad"), ("ann", "fine")])
    tell(server.database, "UPDATE message SET reactions = 'broken' WHERE message = 'bad'")
    async with reading(server.url, visited) as bob:
        await bob.until("fine")
        assert bob.said == ["good", "fine"]
    async with httpx.AsyncClient(base_url=server.url) as http:
        for path in ("feed", "search?q=bad"):
            assert (await http.get(f"/{visited}/{path}")).status_code == 200
    tell(server.database, "DELETE FROM message WHERE message = 'bad'")
