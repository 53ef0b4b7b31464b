"""Rooms come to be when they are wanted, each under one label."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from haikunator import Haikunator
from websockets.asyncio.client import connect

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.engine import running
from tests.support.in_process import asked_in_process
from tests.support.live_client import LiveClient
from webapp.chat.models import Room
from webapp.chat.rooms import TRIES, NoFreeName, enter, start
from webapp.live.writing import writer
from webapp.protocols.limits import URL_LIMIT


def place(answer: httpx.Response) -> str:
    """The path that a redirect leads to, with its characters as people read them."""
    return unquote(urlsplit(answer.headers["location"]).path)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_new_room_has_a_haiku_name_and_works(server: AppServer, method: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        answer = await http.request(method, "/new/")
    assert answer.status_code == 303
    path = place(answer)
    assert re.fullmatch(r"/[a-z]+-[a-z]+-\d{4}/", path)
    async with LiveClient(server.url, path.strip("/")) as ann:
        await ann.say("ann", "first")
        await ann.until(lambda page: page.texts() == ["first"])


async def test_every_new_room_is_another(server: AppServer) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        answers = await asyncio.gather(*(http.post("/new/") for _ in range(10)))
    assert len({place(answer) for answer in answers}) == 10


async def test_a_taken_name_is_tried_again_under_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = itertools.chain(["room", "room"], (f"free-{number}" for number in itertools.count()))
    monkeypatch.setattr(Haikunator, "haikunate", lambda self: next(names))
    async with running(tmp_path / "rooms.sqlite3") as engine:
        assert (await start(engine.writer)).label == "free-0"
        assert await Room.all().count() == 2


async def test_rooms_that_are_made_at_once_do_not_share_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (f"name-{number // 3}" for number in itertools.count())
    monkeypatch.setattr(Haikunator, "haikunate", lambda self: next(names))
    async with running(tmp_path / "rooms.sqlite3") as engine:
        made = await asyncio.gather(*(start(engine.writer) for _ in range(9)))
        assert len({room.label for room in made}) == 9
        assert await Room.all().count() == 10


async def test_when_every_name_is_taken_it_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["room"] * TRIES)
    monkeypatch.setattr(Haikunator, "haikunate", lambda self: next(names))
    async with running(tmp_path / "rooms.sqlite3") as engine:
        with pytest.raises(NoFreeName):
            await start(engine.writer)
        assert list(names) == []
        assert await Room.all().count() == 1


async def test_pages_forms_and_sockets_that_come_first_at_once_make_one_room(server: AppServer, room: str) -> None:
    async def listen(http: httpx.AsyncClient) -> None:
        async with connect(f"{server.ws_url}/{room}/live"):
            pass

    async def show(http: httpx.AsyncClient) -> None:
        assert (await http.get(f"/{room}/")).status_code == 200

    async def say(http: httpx.AsyncClient) -> None:
        assert (await http.post(f"/{room}/", data={"message": "hi"})).status_code == 303

    async with httpx.AsyncClient(base_url=server.url) as http:
        await asyncio.gather(*(each(http) for _ in range(17) for each in (listen, show, say)))
    found = await asyncio.to_thread(
        shell,
        server.database,
        f"SELECT count(DISTINCT room.id), count(*) FROM room JOIN message ON room_id = room.id WHERE label = '{room}'",
    )
    assert found == [["1", "17"]]


async def test_a_room_that_many_make_at_once_is_made_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the writer has no time to try each of them alone."""
    monkeypatch.setattr(writer, "SINGLE_WRITES", 0.0)
    async with running(tmp_path / "rooms.sqlite3") as engine:
        rooms = await asyncio.gather(*(enter("plan", engine.writer) for _ in range(30)))
        assert {room.label for room in rooms} == {"plan"}
        assert len({room.id for room in rooms}) == 1


async def test_one_who_cannot_be_given_a_room_now_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PENDING", 0)
    async with asked_in_process(tmp_path) as http:
        answer = await http.get("/full/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Busy, or just restarting" in answer.text


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/slash", "/slash/"),
        ("/Capitals/", "/capitals/"),
        ("/Grüße/", "/grüsse/"),
        ("/cafe\u0301/", "/café/"),
        ("/日本-東京/", None),
        ("/हिन्दी/", None),
        ("/ห้อง", "/ห้อง/"),
        ("/বাংলা/", None),
        ("/İstanbul/", "/i̇stanbul/"),
        ("/می\u200cخواهم/", None),
        ("/ro\u200bom/", "/room/"),
        ("/\u202eroom\u202c/", "/room/"),
        ("/a_b-1/", None),
        (f"/{'x' * 50}/", None),
    ],
)
def test_a_room_has_one_address(server: AppServer, path: str, leads_to: str | None) -> None:
    with httpx.Client(base_url=server.url) as http:
        answer = http.get(quote(path))
        if leads_to is not None:
            assert answer.status_code == 307
            assert place(answer) == leads_to
            answer = http.get(quote(leads_to))
        assert answer.status_code == 200


def test_capitals_without_a_slash_lead_there_as_well(server: AppServer) -> None:
    answer = httpx.get(f"{server.url}/Capitals", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.path == "/capitals/"


async def test_every_spelling_of_a_label_is_the_same_room(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, f"é-{room}") as ann, httpx.AsyncClient(base_url=server.url) as http:
        answer = await http.post(quote(f"/E\u0301-{room.upper()}/"), data={"message": "the same"})
        assert place(answer) == f"/é-{room}/"
        await ann.until(lambda page: page.texts() == ["the same"])


async def test_a_room_works_under_a_label_of_marks_and_joiners(server: AppServer, room: str) -> None:
    label = f"नमस्ते-می\u200cخواهم-{room}"
    async with LiveClient(server.url, label) as ann, httpx.AsyncClient(base_url=server.url) as http:
        answer = await http.post(quote(f"/{label}\u200b/"), data={"message": "the same"})
        assert place(answer) == f"/{label}/"
        await ann.until(lambda page: page.texts() == ["the same"])
        assert (await http.get(quote(f"/{label}/messages") + "?before=9")).status_code == 200


@pytest.mark.parametrize(
    "word", ["static", "rooms", "fragments", "healthz", "Static", "livez", "readyz", "metrics", "Metrics"]
)
def test_the_apps_own_words_are_no_rooms(server: AppServer, word: str) -> None:
    assert httpx.get(f"{server.url}/{quote(word)}/").status_code == 404


def test_a_form_to_a_word_of_the_apps_own_makes_no_room(server: AppServer) -> None:
    for word in ("values", "healthz"):
        assert httpx.post(f"{server.url}/{word}/", data={"message": "hi"}).status_code in (400, 404)
    assert shell(server.database, "SELECT label FROM room WHERE label IN ('values', 'healthz')") == []


@pytest.mark.parametrize("label", ["x" * 51, "ß" * 26, "-" * 51, "\u0301", "🦊", "\u0301" * 9000])
def test_what_is_no_label_is_not_found(server: AppServer, label: str) -> None:
    missing = 414 if len(quote(label)) > URL_LIMIT else 404
    with httpx.Client(base_url=server.url) as http:
        for path in (f"/{label}/", f"/{label}/messages?before=1"):
            assert http.get(quote(path, safe="/?=")).status_code == missing
        assert http.post(quote(f"/{label}/"), data={"message": "hi"}).status_code == missing


def test_history_does_not_make_a_room(server: AppServer, room: str) -> None:
    assert httpx.get(f"{server.url}/{room}/messages?before=1").status_code == 200
    assert shell(server.database, f"SELECT id FROM room WHERE label = '{room}'") == []
