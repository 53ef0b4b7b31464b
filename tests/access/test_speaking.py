"""Who may say what: locked rooms, slow mode, no links; and what visitors do to their own messages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.access.people import HIDDEN, Person, last_message
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient


async def test_in_a_locked_room_only_those_who_look_after_it_write(
    server: AppServer, owner: Person, guest: Person
) -> None:
    owner.set("rules", is_locked="on", slow_seconds="0")
    assert "is locked" in guest.say("not me").text
    assert owner.say("only me").status_code == 200
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        await live.say("Gus", "not me")
        await live.until(lambda page: "is locked" in page.text_of("composer-error"))
        await live.say("Gus", "/set tea 3")
        await live.until(lambda page: "is locked" in page.text_of("composer-error"))
        await live.send({"stream": "roomval", "action": "create", "name": "tea", "value": "3"})
        await live.until(lambda page: any("This is locked" in frame for frame in live.frames))
        # It opens while the page is open.
        owner.set("rules", slow_seconds="0")
        await live.until(lambda page: "Locked" not in page.text_of("policy"))
        await live.say("Gus", "now me")
        await live.until(lambda page: page.texts()[-1] == "now me")
    assert owner.page().texts() == [HIDDEN, "only me", "now me"]


async def test_in_slow_mode_a_visitor_waits_between_two_messages(
    server: AppServer, owner: Person, guest: Person
) -> None:
    owner.set("rules", slow_seconds="600")
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        # Many at once, each with a nonce of its own.
        for number in range(5):
            await live.say("Gus", f"fast {number}", nonce=f"nonce-{number}")
        await live.until(lambda page: "This room is slow" in page.text_of("composer-error"))
    assert re.search(r"write again in (59\d|600) seconds", guest.say("again").text)
    assert sum(text.startswith("fast") for text in owner.page().texts()) == 1
    # The same message once more, as after a lost answer, is no second one.
    assert guest.page().texts() == owner.page().texts()
    for number in range(3):
        owner.say(f"quick {number}")
    assert owner.page().texts()[-3:] == ["quick 0", "quick 1", "quick 2"]


@pytest.mark.parametrize("text", ["see https://example.com/", "www.example.org", "go to example.com/x"])
def test_where_links_are_forbidden_a_message_with_one_is_refused(owner: Person, guest: Person, text: str) -> None:
    owner.set("rules", forbids_links="on", slow_seconds="0")
    assert "cannot have links" in guest.say(text).text
    guest.say("no link")
    assert "cannot have links" in guest.change(last_message(guest.page()), "edit", text=text).text
    owner.say(text)
    assert owner.page().texts() == [HIDDEN, "no link", text]


async def test_a_visitor_edits_and_deletes_what_it_said_and_every_page_follows(
    server: AppServer, owner: Person, guest: Person
) -> None:
    guest.say("with a tpyo")
    said = last_message(guest.page())
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=owner.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        guest.change(said, "edit", text="without a typo")
        await live.until(lambda page: any("without a typo" in text for text in page.texts()))
        assert any("✎" in frame for frame in live.frames)
        assert "✎" in owner.get().text
        guest.change(said, "delete")
        await live.until(lambda page: page.texts() == [HIDDEN])
    assert guest.get(f"messages/{said}").status_code == 404


@pytest.mark.parametrize(
    ("text", "words"),
    [(" \n", "Write something first"), ("x" * 2001, "too long")],
)
def test_an_edit_that_cannot_be_said_is_refused_and_keeps_its_text(
    owner: Person, guest: Person, text: str, words: str
) -> None:
    guest.say("as it was")
    answer = guest.change(last_message(guest.page()), "edit", text=text)
    assert answer.status_code == 422
    assert words in answer.text
    assert guest.page().texts()[-1] == "as it was"


def test_nobody_changes_what_another_said(owner: Person, guest: Person, person: Callable[..., Person]) -> None:
    guest.say("mine")
    said = last_message(guest.page())
    other = person("Gus")  # the same name is not the same visitor
    for act, fields in (("edit", {"text": "yours"}), ("delete", {}), ("ban", {"until": "day"})):
        assert other.change(said, act, **fields).status_code == 403
    assert owner.change(said, "edit", text="not even the owner").status_code == 403
    assert "Only who said this" in other.get(f"messages/{said}").text
    assert owner.page().texts()[-1] == "mine"


def test_a_message_of_another_room_is_not_there(server: AppServer, owner: Person, guest: Person) -> None:
    guest.say("mine")
    said = last_message(guest.page())
    with Person(server.url, f"{owner.label}-b") as elsewhere:
        elsewhere.page()
        assert elsewhere.get(f"messages/{said}").status_code == 404
        assert elsewhere.change(said, "delete").status_code == 404
    assert guest.page().texts()[-1] == "mine"


def test_without_a_cookie_the_page_says_whose_message_it_is(owner: Person, person: Callable[..., Person]) -> None:
    blocked = person()
    page = blocked.page()
    token = page.fields("composer")["visitor"]
    blocked.http.cookies.clear()
    blocked.say("said without a cookie", visitor=token)
    said = last_message(owner.page())
    blocked.http.cookies.clear()
    assert blocked.change(said, "delete").status_code == 403
    blocked.http.cookies.clear()
    assert blocked.change(said, "delete", visitor=token).status_code == 200
    assert owner.page().texts() == [HIDDEN]


def test_the_author_and_the_network_are_shown_to_nobody(server: AppServer, owner: Person, guest: Person) -> None:
    guest.say("who am I")

    async def frames() -> list[str]:
        async with LiveClient(server.url, owner.label) as live:
            owner.say("an answer")
            await live.until(lambda page: page.texts()[-1] == "an answer")
            return live.frames

    import sqlite3

    with sqlite3.connect(server.database) as database:
        hidden = {each for row in database.execute("SELECT author, network FROM message") for each in row if each}
    assert hidden
    shown = "".join([*asyncio.run(frames()), owner.get().text, owner.get("settings").text, owner.get("messages").text])
    assert not [each for each in hidden if each in shown]


async def test_sockets_without_a_cookie_do_not_make_a_room_look_full(server: AppServer, others_room: str) -> None:
    async with LiveClient(server.url, others_room) as live:
        await live.until(lambda page: page.text_of("people-count") == "1 here")
        for _ in range(20):
            async with connect(f"{server.ws_url}/{others_room}/live") as socket:
                await socket.send('{"action": "typing", "handle": "Nobody"}')
        async with LiveClient(server.url, others_room):
            await live.until(lambda page: page.text_of("people-count") == "2 here")
        assert not any("Nobody" in frame for frame in live.frames)
