"""A visitor who comes back sees where it was, and finds its rooms on the first page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import quote

import httpx
import pytest

from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer
from tests.support.database_shell import room_id, shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import eventually
from webapp.chat.own_rooms import LONGEST, REMEMBERED

NEW = '<li class="messages__new">'


def read_to(server: AppServer, room: str) -> list[str]:
    """How far the visitors of a room have read."""
    number = room_id(server.database, room)
    return [row[0] for row in shell(server.database, f"SELECT read_to FROM room_reader WHERE room_id = {number}")]


def say_many(server: AppServer, room: str, *texts: str) -> None:
    fill_room(server.database, room, [("bob", text) for text in texts])


@asynccontextmanager
async def left(server: AppServer, room: str) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor who was in the room, and has left it."""
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True) as http:
        await http.get(f"/{room}/")
        before = read_to(server, room)
        async with LiveClient(server.url, room, http=http) as client:
            await client.until(lambda page: page.text_of("people-count") != "")
        await eventually(lambda: len(read_to(server, room)) > len(before))
        yield http


async def test_the_line_stands_above_what_came_since_the_visitor_left(server: AppServer, room: str) -> None:
    await asyncio.to_thread(httpx.get, f"{server.url}/{room}/")
    say_many(server, room, "one", "two")
    async with left(server, room) as http:
        assert NEW not in (await http.get(f"/{room}/")).text
        say_many(server, room, "three", "four")
        page = (await http.get(f"/{room}/")).text
        assert page.count(NEW) == 1
        assert page.index(">two<") < page.index(NEW) < page.index(">three<")
        assert "scroller__unread" not in page, "two are in view"
        # To look at the page alone does not mean to have read it: the line stays until its socket closes.
        assert NEW in (await http.get(f"/{room}/")).text
        async with httpx.AsyncClient(base_url=server.url) as stranger:
            assert NEW not in (await stranger.get(f"/{room}/")).text


async def test_a_way_leads_to_the_first_unread_message_wherever_it_is(server: AppServer, room: str) -> None:
    await asyncio.to_thread(httpx.get, f"{server.url}/{room}/")
    say_many(server, room, "zero")
    async with left(server, room) as http:
        say_many(server, room, *map(str, range(1, 11)))
        first = int(read_to(server, room)[0]) + 1
        page = (await http.get(f"/{room}/")).text
        assert f'href="#message-{first}"' in page
        assert "10 new messages" in page
        say_many(server, room, *map(str, range(11, 101)))
        page = (await http.get(f"/{room}/")).text
        assert f'href="/{room}/?at={first}#message-{first}"' in page
        assert "100 new messages" in page
        assert NEW not in page
        assert NEW in (await http.get(f"/{room}/?at={first}")).text


async def test_the_first_page_lists_the_visitors_rooms_until_it_forgets_them(server: AppServer, room: str) -> None:
    await asyncio.to_thread(httpx.get, f"{server.url}/{room}/")
    async with left(server, room) as http:
        say_many(server, room, "one", "two", "three")
        first = (await http.get("/")).text
        assert f'href="/{room}/"' in first
        assert "3 new messages" in first
        async with httpx.AsyncClient(base_url=server.url) as stranger:
            other = (await stranger.get("/")).text
            assert room not in other
            assert "Your rooms" not in other
            await stranger.post("/me/rooms/forget")
        assert room in (await http.get("/")).text
        await http.post("/me/rooms/forget")
        assert room not in (await http.get("/")).text
        assert NEW not in (await http.get(f"/{room}/")).text
    assert read_to(server, room) == []


async def test_a_room_that_the_visitor_may_not_see_any_more_is_not_listed(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as owner:
        await owner.get(f"/{room}/")
        async with left(server, room) as http:
            assert room in (await http.get("/")).text
            await owner.post(f"/{room}/settings", data={"act": "passphrase", "passphrase": "open sesame"})
            say_many(server, room, "secret")
            page = (await http.get("/")).text
            assert room not in page
            assert "new message" not in page


async def test_a_browser_that_becomes_another_visitor_forgets_its_rooms(server: AppServer, room: str) -> None:
    async with left(server, room) as http:
        assert room in (await http.get("/")).text
        await http.post("/me/forget")
        assert "rooms" not in http.cookies
        assert room not in (await http.get("/")).text


@pytest.mark.parametrize(
    "text",
    ["", ":::", "%00", "%ff%fe:%", "x" * 5000, "a:" * 400, "new:me:static", "<b>", "%3Cb%3E", '"', "a/b", "..", "É"],
)
def test_a_cookie_that_somebody_else_wrote_is_no_trap(server: AppServer, room: str, text: str) -> None:
    httpx.get(f"{server.url}/{room}/")
    with httpx.Client(base_url=server.url) as http:
        cookie = f"rooms={text}".encode("latin-1")
        assert http.get("/", headers={b"Cookie": cookie}).status_code == 200
        answer = http.get(f"/{room}/", headers={b"Cookie": cookie})
        assert answer.status_code == 200
        assert f"rooms={room}" in str(answer.headers.get_list("set-cookie"))
        assert http.post("/me/rooms/forget", headers={b"Cookie": cookie}).status_code == 303


def test_a_browser_remembers_its_last_rooms_in_a_short_cookie(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        for number in range(REMEMBERED + 3):
            http.get(f"/{room}-{number}/")
        listed = re.findall(rf'href="/{room}-(\d+)/"', http.get("/").text)
        assert listed == [str(number) for number in reversed(range(3, REMEMBERED + 3))]
        again = http.get(f"/{room}-{REMEMBERED + 2}/")
        assert not any("rooms=" in each for each in again.headers.get_list("set-cookie")), "nothing has changed"
        for number in range(REMEMBERED):
            http.get(f"/{quote('غرفة' * 9)}{number}/")
        assert len(http.cookies["rooms"]) <= LONGEST
        assert "غرفة" in http.get("/").text


async def test_rows_of_two_rooms_tell_of_no_common_visitor(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True) as http:
        for name in (f"{room}-a", f"{room}-b"):
            await http.get(f"/{name}/")
            async with LiveClient(server.url, name, http=http) as client:
                await client.until(lambda page: page.text_of("people-count") != "")
            await eventually(partial(read_to, server, name))
    ids = [room_id(server.database, f"{room}-{each}") for each in "ab"]
    keys = shell(server.database, f"SELECT DISTINCT visitor FROM room_reader WHERE room_id IN ({ids[0]}, {ids[1]})")
    assert len(keys) == 2


async def test_a_visitor_whose_browser_keeps_no_cookies_leaves_no_trace(server: AppServer, room: str) -> None:
    await asyncio.to_thread(httpx.get, f"{server.url}/{room}/")
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    async with httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=no_cookies) as http:
        async with LiveClient(server.url, room, http=http) as client:
            await client.say("Ann", "hello")
            await client.until(lambda page: page.texts() == ["hello"])
        assert room not in (await http.get("/")).text
    # Notes are taken in the order of the leaves, so the other one would be there as well.
    async with left(server, room):
        assert len(read_to(server, room)) == 1


def test_who_says_something_without_a_socket_has_read_what_was_said(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        http.get(f"/{room}/")
        say_many(server, room, "one")
        http.post(f"/{room}/", data={"handle": "Ann", "message": "two"})
        say_many(server, room, "three")
        page = http.get(f"/{room}/").text
        assert page.index(">two<") < page.index(NEW) < page.index(">three<")
        assert PageModel(page).texts() == ["one", "two", "three"]


async def test_a_crowd_that_loses_its_server_is_noted_and_nothing_is_complained_of(
    server: AppServer, room: str
) -> None:
    await asyncio.to_thread(httpx.get, f"{server.url}/{room}/")
    say_many(server, room, "one")
    clients = [LiveClient(server.url, room) for _ in range(20)]
    for client in clients:
        await client.__aenter__()
    await asyncio.gather(*(client.drop() for client in clients))
    await eventually(lambda: len(read_to(server, room)) == 20)
    for client in clients:
        await client.__aexit__(None, None, None)
    server.check()


def test_what_is_written_by_others_is_no_trap(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        http.get(f"/{room}/")
        http.post(f"/{room}/", data={"handle": "Ann", "message": "one"})
        tell(server.database, "UPDATE room_reader SET read_to = -5")
        assert http.get(f"/{room}/").text.count(NEW) == 1
        tell(server.database, "UPDATE room_reader SET read_to = 9223372036854775807")
        assert NEW not in http.get(f"/{room}/").text
        assert re.search(r'href="/' + room, http.get("/").text)
        tell(server.database, "DELETE FROM room WHERE label = ?", [(room,)])
        assert room not in http.get("/").text
