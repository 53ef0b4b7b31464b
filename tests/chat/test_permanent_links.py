"""A link leads to one message, with the talk around it."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.page_model import PageModel
from webapp.chat.pages import HALF, NEAR

MANY = NEAR + 60


def numbered(server: AppServer, label: str, count: int = MANY) -> list[int]:
    """Make a room, have "1" to "<count>" said in it, and return the ids of these messages."""
    httpx.get(f"{server.url}/{quote(label)}/").raise_for_status()
    fill_room(server.database, label, [("ann", str(number)) for number in range(1, count + 1)])
    found = shell(server.database, f"SELECT m.id FROM message m JOIN room r ON r.id = room_id WHERE label = '{label}'")
    return sorted(int(row[0]) for row in found)


def said(http: httpx.Client, url: str) -> list[int]:
    """Return the messages that the page at `url` shows, as numbers."""
    answer = http.get(url)
    assert answer.status_code == 200, url
    return [int(text) for text in PageModel(answer.text).texts()]


def test_the_room_begins_above_the_message_and_goes_on_to_the_newest(server: AppServer, room: str) -> None:
    ids = numbered(server, room)
    with httpx.Client(base_url=server.url) as http:
        for number in (MANY - NEAR, MANY - 70, MANY):
            assert said(http, f"/{room}/?at={ids[number - 1]}") == list(range(max(1, number - HALF), MANY + 1))
        first = http.get(f"/{room}/?at={ids[MANY - 71]}").text
        assert f"?before={ids[MANY - 71 - HALF]}" in first
        assert 'http-equiv="refresh"' not in first


def test_what_lies_far_back_is_shown_with_ways_to_older_and_newer_messages(server: AppServer, room: str) -> None:
    ids = numbered(server, room)
    with httpx.Client(base_url=server.url) as http:
        answer = http.get(f"/{room}/?at={ids[39]}")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/{room}/messages?at={ids[39]}#message-{ids[39]}"
        assert said(http, f"/{room}/messages?at={ids[39]}") == list(range(40 - HALF, 40 + HALF + 1))
        page = http.get(f"/{room}/messages?at={ids[39]}").text
        assert f"?before={ids[39 - HALF]}" in page
        assert f"?after={ids[39 + HALF]}" in page
        shown: list[int] = []
        after = ids[39 + HALF]
        while f"?after={after}" in page:
            page = http.get(f"/{room}/messages?after={after}").text
            numbers = [int(text) for text in PageModel(page).texts()]
            shown += numbers
            after = ids[numbers[-1] - 1]
        assert shown == list(range(40 + HALF + 1, MANY + 1))
        assert said(http, f"/{room}/messages?at={ids[1]}") == list(range(1, HALF + 3))


def test_a_message_that_is_gone_or_of_another_room_is_said_to_be_gone(server: AppServer, room: str) -> None:
    ids = numbered(server, room, 5)
    elsewhere = numbered(server, f"{room}-2", 1)
    tell(server.database, "DELETE FROM message WHERE id = ?", [(ids[2],)])
    with httpx.Client(base_url=server.url) as http:
        for pk, is_gone in ((ids[1], False), (ids[2], True), (elsewhere[0], True), (10**17, True)):
            page = http.get(f"/{room}/?at={pk}").text
            assert ("is not here any more" in page) is is_gone, pk
            assert PageModel(page).texts() == ["1", "2", "4", "5"]


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "9" * 19, "1 OR 1", "٣"])
def test_what_is_no_id_is_refused(server: AppServer, room: str, text: str) -> None:
    for path in (f"/{room}/?at=", f"/{room}/messages?at=", f"/{room}/messages?after="):
        assert httpx.get(f"{server.url}{path}{quote(text)}").status_code == 400
    assert shell(server.database, f"SELECT id FROM room WHERE label = '{room}'") == []


def test_a_closed_room_tells_nothing_of_its_messages(server: AppServer, room: str) -> None:
    ids = numbered(server, room)
    with httpx.Client(base_url=server.url) as owner:
        owner.get(f"/{room}-shut/")
        shut = numbered(server, f"{room}-shut", MANY)
        owner.post(f"/{room}-shut/settings", data={"act": "passphrase", "passphrase": "open sesame"})
    for pk in (shut[0], shut[-1], ids[0], 10**17):
        for path in (f"/{room}-shut/?at={pk}", f"/{room}-shut/messages?at={pk}"):
            answer = httpx.get(f"{server.url}{path}")
            assert answer.status_code == 403
            assert PageModel(answer.text).texts() == []


def test_the_page_of_a_message_has_the_link_that_leads_to_it(server: AppServer, room: str) -> None:
    ids = numbered(server, room, 3)
    page = httpx.get(f"{server.url}/{room}/messages/{ids[1]}").text
    assert f"{server.url}/{room}/?at={ids[1]}#message-{ids[1]}" in page
