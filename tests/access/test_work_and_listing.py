"""The small computation that a room may ask for, and the page of public rooms."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest
from altcha.v1 import solve_challenge
from hypothesis import given
from hypothesis import strategies as st

from tests.access.people import HIDDEN, Person
from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.live_client import LiveClient
from webapp.chat import Work
from webapp.live.visitor import Visitor


def result_of(page: str) -> str:
    """Return what a browser computes on the page, as its form sends it."""
    found = re.search(r'challengejson="([^"]+)"', page)
    assert found is not None
    return computed(unescape(found[1]))


def computed(challenge: str) -> str:
    told = json.loads(challenge)
    done = solve_challenge(told["challenge"], told["salt"], told["algorithm"], told["maxNumber"], 0)
    assert done is not None
    result = {key: told[key] for key in ("algorithm", "challenge", "salt", "signature")} | {"number": done.number}
    return base64.b64encode(json.dumps(result).encode()).decode()


async def test_where_a_room_asks_for_a_computation_nobody_writes_without_one(
    server: AppServer, owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    owner.set("rules", asks_work="on")
    assert "small computation" in guest.say("not yet").text
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        await live.say("Gus", "not yet")
        await live.until(lambda page: "small computation" in page.text_of("composer-error"))
        await live.say("Gus", "/set tea 3")
        await live.until(lambda page: any("small computation first" in frame for frame in live.frames))
    result = result_of(guest.get("work").text)
    # The server made the computation for this visitor, and takes it from no other one.
    other = person()
    other.page()
    assert other.http.post(f"/{owner.label}/work", data={"altcha": result}).status_code == 422
    assert guest.http.post(f"/{owner.label}/work", data={"altcha": result}).status_code == 200
    guest.say("now")
    owner.say("the owner needs none")
    assert owner.page().texts() == [HIDDEN, "now", "the owner needs none"]
    assert "small computation" in other.say("not yet").text


@given(st.one_of(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps)))
def test_what_is_no_result_is_none(text: str) -> None:
    work, visitor = Work("a secret key"), Visitor("id", "Guest")
    for sent in (text, base64.b64encode(text.encode("utf-8", "replace")).decode()):
        assert not work.is_done(visitor, sent)


def test_a_result_that_was_changed_or_comes_too_late_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    work, visitor = Work("a secret key"), Visitor("id", "Guest")
    result = computed(work.challenge(visitor))
    assert work.is_done(visitor, result)
    assert not Work("another key").is_done(visitor, result)
    told = json.loads(base64.b64decode(result))
    changes: list[dict[str, object]] = [
        {"number": told["number"] + 1},
        {"salt": told["salt"] + "x"},
        {"signature": "0"},
        {"number": []},
    ]
    for change in changes:
        assert not work.is_done(visitor, base64.b64encode(json.dumps(told | change).encode()).decode())
    monkeypatch.setattr("altcha.v1.time.time", lambda: 4e9)
    assert not work.is_done(visitor, result)


def test_the_operator_has_a_room_ask_for_computations(server: AppServer, owner: Person, guest: Person) -> None:
    for action, does in (("ask-work", True), ("ask-no-work", False)):
        assert webapp("rooms", action, owner.label, **server.environment).returncode == 0
        with Person(server.url, owner.label) as other:
            assert ("small computation" in other.say(action).text) is does


def test_without_the_setting_no_room_is_listed(owner: Person) -> None:
    assert "page of public rooms" not in owner.get("settings").text
    owner.set("listing", is_listed="on")
    assert owner.http.get("/rooms/").status_code == 404


class ListingClient(LiveClient):
    """The page of public rooms, open."""

    async def load(self) -> None:
        answer = await self.http.get("/rooms/")
        assert answer.status_code == 200
        self.page = self.model(answer.text)


async def test_public_rooms_are_listed_live_for_as_long_as_everybody_may_enter(serve: Callable[..., AppServer]) -> None:
    running = serve(LIST_ROOMS="1")
    with Person(running.url, "tea-room") as owner:
        owner.page()
        assert "page of public rooms" in owner.get("settings").text
        async with ListingClient(running.url, "rooms") as live:
            assert "tea-room" not in live.page.text_of("listed")
            owner.set("listing", is_listed="on")
            await live.until(lambda page: "tea-room" in page.text_of("listed"))
            owner.set("words", topic="About <b>tea</b>", welcome="")
            await live.until(lambda page: "About <b>tea</b>" in page.text_of("listed"))
            owner.set("passphrase", passphrase="open sesame")
            await live.until(lambda page: "tea-room" not in page.text_of("listed"))
            assert "tea-room" not in (await live.http.get("/rooms/")).text
            owner.set("open")
            await live.until(lambda page: "tea-room" in page.text_of("listed"))
            assert 'href="/tea-room/"' in (await live.http.get("/rooms/")).text
            owner.set("admission", is_private="on")
            await live.until(lambda page: "tea-room" not in page.text_of("listed"))
            owner.set("admission")
            await live.until(lambda page: "tea-room" in page.text_of("listed"))
            owner.set("delete", sure="on")
            await live.until(lambda page: "tea-room" not in page.text_of("listed"))
