"""The operator's page: who gets it, and what reports and its buttons do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.access.people import HIDDEN, Person, last_message
from tests.support.app_server import AppServer
from tests.support.handshakes import status_of
from tests.support.live_client import LiveClient

TOKEN = "a-token-that-only-tests-know"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server with an operator's page."""
    with AppServer(tmp_path_factory.mktemp("operator"), {"ADMIN_TOKEN": TOKEN}) as running:
        yield running
    running.check()


@pytest.fixture
def operator(server: AppServer) -> Iterator[httpx.Client]:
    """A browser that has given the token."""
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        assert "Reported messages" in http.post("/admin/", data={"act": "enter", "token": TOKEN}).text
        yield http


class AdminClient(LiveClient):
    """The operator's page, open."""

    async def load(self) -> None:
        answer = await self.http.get("/admin/")
        assert answer.status_code == 200
        self.page = self.model(answer.text)


def test_without_a_token_there_is_no_such_page(serve: Callable[..., AppServer]) -> None:
    url = serve().url
    assert httpx.get(f"{url}/admin/").status_code == 404
    assert httpx.post(f"{url}/admin/", data={"act": "enter", "token": ""}).status_code == 404


def test_only_the_token_opens_the_page_and_guesses_are_limited(server: AppServer, operator: httpx.Client) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as stranger:
        assert stranger.get("/admin/").status_code == 403
        for act in ("dismiss", "lock", "delete_room", "delete_message"):
            data = {"act": act, "label": "any", "report": "1", "sure": "on"}
            assert stranger.post("/admin/", data=data).status_code == 403
        stranger.get("/some-room/")
        answers = [stranger.post("/admin/", data={"act": "enter", "token": f"{TOKEN}{n}"}).text for n in range(12)]
        assert sum("That is not the token" in answer for answer in answers) == 10
        assert "tried a lot" in stranger.post("/admin/", data={"act": "enter", "token": TOKEN}).text
    assert operator.get("/admin/").status_code == 200
    assert operator.post("/admin/", data={"act": "leave"}).status_code == 403
    assert operator.get("/admin/").status_code == 403


def test_the_cookie_of_the_operator_is_no_visitors_and_goes_to_one_path(server: AppServer) -> None:
    answer = httpx.post(f"{server.url}/admin/", data={"act": "enter", "token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert "Path=/admin/" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    visitor = httpx.get(f"{server.url}/a-room/").cookies["visitor"]
    assert httpx.get(f"{server.url}/admin/", cookies={"admin": visitor}).status_code == 403


async def test_a_report_shows_at_once_and_goes_with_its_message(
    server: AppServer, operator: httpx.Client, owner: Person, guest: Person
) -> None:
    guest.say("buy my boat")
    said = last_message(owner.page())
    http = httpx.AsyncClient(base_url=server.url, cookies=operator.cookies)
    async with http, AdminClient(server.url, owner.label, http=http) as live:
        thanks = owner.change(said, "report", note="<b>spam</b>")
        assert "Whoever runs this place will look at it" in thanks.text
        owner.change(said, "report", note="once more")
        await live.until(lambda page: "buy my boat" in page.text_of("reports"))
        assert "<b>spam</b>" in live.page.text_of("reports")
        assert "once more" not in live.page.text_of("reports")
        (report,) = re.findall(r'<li id="report-(\d+)"', "".join(live.frames))
        data = {"act": "delete_message", "label": owner.label, "report": report}
        await asyncio.to_thread(operator.post, "/admin/", data=data)
        await live.until(lambda page: "buy my boat" not in page.text_of("reports"))
    assert owner.page().texts() == [HIDDEN]


async def test_a_socket_without_the_token_hears_nothing(server: AppServer, owner: Person, guest: Person) -> None:
    http = httpx.AsyncClient(base_url=server.url, cookies=guest.http.cookies, follow_redirects=True)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        owner.say("a word")
        await live.until(lambda page: page.texts()[-1] == "a word")
        owner_frames = "".join(live.frames)
        guest.change(last_message(owner.page()), "report", note="for the operator alone")
        owner.say("another word")
        await live.until(lambda page: page.texts()[-1] == "another word")
        assert "for the operator alone" not in owner_frames + "".join(live.frames)


def test_no_socket_of_the_page_is_opened_without_the_token(server: AppServer) -> None:
    assert status_of(f"{server.ws_url}/admin/live", server.port, {}) in (403, 404)


def test_the_operator_locks_and_deletes_rooms(operator: httpx.Client, owner: Person, guest: Person) -> None:
    operator.post("/admin/", data={"act": "lock", "label": owner.label})
    assert "is locked" in guest.say("hello").text
    operator.post("/admin/", data={"act": "unlock", "label": owner.label})
    assert guest.say("hello").status_code == 200
    assert owner.label in operator.get("/admin/").text
    assert operator.post("/admin/", data={"act": "delete_room", "label": owner.label}).status_code == 403
    operator.post("/admin/", data={"act": "delete_room", "label": owner.label, "sure": "on"})
    assert HIDDEN not in guest.get().text
    assert operator.post("/admin/", data={"act": "lock", "label": "no-such-room"}).status_code == 404


def test_nobody_reports_what_it_said_itself(owner: Person) -> None:
    assert owner.change(last_message(owner.page()), "report").status_code == 403
