"""A person who opens an address makes a room, and so does the first message; a program that looks at it makes none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

PERSON = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
DIRECT = {"FORWARDED_ALLOW_IPS": "10.0.0.1", "RATE_LIMIT": "1000/second"}


def rooms(database: Path, label: str) -> int:
    return len(shell(database, f"SELECT id FROM room WHERE label = '{label}'"))


@pytest.mark.parametrize("headers", [{}, PERSON])
def test_a_person_who_opens_an_address_makes_the_room(server: AppServer, room: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{server.url}/{room}/", headers=headers).status_code == 200
    assert rooms(server.database, room) == 1


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("HEAD", PERSON),
        ("GET", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
        ("GET", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}),
        ("GET", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        ("GET", {**PERSON, "Sec-Purpose": "prefetch;prerender"}),
        ("GET", {**PERSON, "Purpose": "prefetch"}),
        ("GET", {"X-Moz": "prefetch"}),
    ],
)
def test_what_looks_at_an_address_sees_an_empty_room_and_makes_none(
    server: AppServer, room: str, method: str, headers: dict[str, str]
) -> None:
    assert httpx.request(method, f"{server.url}/{room}/", headers=headers).status_code == 200
    assert rooms(server.database, room) == 0


@pytest.mark.parametrize("label", ["wp-admin", "phpmyadmin", "cgi-bin"])
def test_an_address_that_probes_ask_for_makes_no_room_until_somebody_speaks(server: AppServer, label: str) -> None:
    assert httpx.get(f"{server.url}/{label}/").status_code == 200
    assert rooms(server.database, label) == 0
    assert httpx.post(f"{server.url}/{label}/", data={"message": "hi"}).status_code == 303
    assert PageModel(httpx.get(f"{server.url}/{label}/").text).texts() == ["hi"]


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, {"Purpose": "prefetch"}])
def test_new_rooms_are_for_persons(server: AppServer, headers: dict[str, str]) -> None:
    before = shell(server.database, "SELECT count(*) FROM room")
    assert httpx.get(f"{server.url}/new/", headers=headers).status_code == 405
    assert httpx.head(f"{server.url}/new/").status_code == 405
    assert shell(server.database, "SELECT count(*) FROM room") == before


def test_an_unknown_room_and_an_empty_one_have_the_same_history(server: AppServer, room: str) -> None:
    httpx.get(f"{server.url}/{room}/")
    known, unknown = (httpx.get(f"{server.url}/{label}/messages?before=1") for label in (room, f"{room}-x"))
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(room, "") == unknown.text.replace(f"{room}-x", "")
    assert rooms(server.database, f"{room}-x") == 0


def test_a_message_that_cannot_be_said_makes_no_room(server: AppServer, room: str) -> None:
    answers = [httpx.post(f"{server.url}/{room}/", data={"message": message}) for message in (" ", "x" * 2001)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert PageModel(answers[-1].text).fields("composer")["message"] == "x" * 2001
    assert rooms(server.database, room) == 0


async def test_a_page_of_a_room_that_was_not_made_is_live_once_it_is(server: AppServer, room: str) -> None:
    async with (
        httpx.AsyncClient(base_url=server.url, headers={"Sec-Fetch-Dest": "image"}) as looking,
        LiveClient(server.url, room, http=looking) as ann,
        LiveClient(server.url, room) as bob,
    ):
        await bob.say("bob", "hello")
        await ann.until(lambda page: page.texts() == ["hello"])


async def test_one_network_makes_so_many_rooms_and_then_waits(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(ROOMS_PER_ADDRESS="3/day", **DIRECT)
    async with httpx.AsyncClient(base_url=server.url) as http:
        made = [await http.get(f"/{room}-{number}/", headers={"Cookie": ""}) for number in range(4)]
        assert [answer.status_code for answer in made] == [200, 200, 200, 429]
        assert 0 < int(made[-1].headers["Retry-After"]) <= 2 * 24 * 3600
        assert (await http.post("/new/")).status_code == 429
        said = await http.post(f"/{room}-9/", data={"message": "kept"})
        assert said.status_code == 422
        assert PageModel(said.text).fields("composer")["message"] == "kept"
        assert (await http.get(f"/{room}-0/")).status_code == 200
    async with LiveClient(server.url, f"{room}-1") as ann:
        await ann.say("ann", "goes on")
        await ann.until(lambda page: page.texts() == ["goes on"])


def test_clients_without_cookies_share_the_limit_of_their_network(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT_PER_ADDRESS="5/day", **DIRECT)
    answers = [httpx.post(f"{server.url}/{room}/", data={"message": str(number)}) for number in range(7)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [422] * 2
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as elsewhere:
        assert elsewhere.post(f"{server.url}/{room}/", data={"message": "other"}).status_code == 303


@pytest.mark.parametrize(
    "env",
    [
        {"RATE_LIMIT": "off", "FORWARDED_ALLOW_IPS": "10.0.0.1"},
        {"RATE_LIMIT": "1000/second", "FORWARDED_ALLOW_IPS": "127.0.0.0/8"},
    ],
)
def test_a_proxy_that_names_nobody_is_under_no_limit_of_a_network(
    serve: Callable[..., AppServer], room: str, env: dict[str, str]
) -> None:
    server = serve(RATE_LIMIT_PER_ADDRESS="2/day", ROOMS_PER_ADDRESS="2/day", **env)
    for number in range(4):
        assert httpx.post(f"{server.url}/{room}-{number}/", data={"message": "hi"}).status_code == 303


def test_behind_a_proxy_each_visitors_own_network_counts(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT_PER_ADDRESS="2/day", RATE_LIMIT="1000/second", FORWARDED_ALLOW_IPS="127.0.0.1")

    def said(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return httpx.post(f"{server.url}/{room}/", data={"message": "hi"}, headers=headers).status_code

    assert [said("203.0.113.7") for _ in range(3)] == [303, 303, 422]
    assert [said(f"2001:db8:1:2::{number}") for number in range(3)] == [303, 303, 422]
    assert said("2001:db8:1:3::1") == 303


def test_what_browsers_and_crawlers_ask_every_site_for_has_an_answer(server: AppServer) -> None:
    with httpx.Client(base_url=server.url) as http:
        assert "User-agent: *" in http.get("/robots.txt", follow_redirects=True).text
        assert http.get("/favicon.ico", follow_redirects=True).headers["Content-Type"] == "image/svg+xml"
        for path in ("/admin/", "/design/", "/sitemap.xml", "/.well-known/security.txt", "/apple-touch-icon.png"):
            assert http.get(path, follow_redirects=True).status_code == 404
    assert shell(server.database, "SELECT label FROM room WHERE label IN ('admin', 'design')") == []
