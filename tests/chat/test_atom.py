"""The feed of a room: well-formed, complete, and 304 as long as nothing has changed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.access.people import HIDDEN, Person
from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer

A = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def url(server: AppServer, room: str) -> str:
    httpx.get(f"{server.url}/{room}/").raise_for_status()
    fill_room(server.database, room, [("ann", "one & two"), ("<b>", "*three* https://example.com/"), ("x", "a\x07b")])
    return f"{server.url}/{room}/"


def entries(answer: httpx.Response) -> list[ET.Element]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content).findall(f"{A}entry")


def test_a_feed_has_the_newest_messages_with_their_links(url: str) -> None:
    found = entries(httpx.get(f"{url}feed"))
    assert [each.findtext(f"{A}author/{A}name") for each in found] == ["x", "<b>", "ann"]
    assert [each.findtext(f"{A}title") for each in found] == ["ab", "*three* https://example.com/", "one & two"]
    content = found[1].findtext(f"{A}content") or ""
    assert "<em>three</em>" in content
    assert 'href="https://example.com/"' in content
    link = found[2].find(f"{A}link")
    assert link is not None
    assert httpx.get(link.attrib["href"]).status_code == 200
    assert len({each.findtext(f"{A}id") for each in found}) == 3


def test_a_reader_that_has_it_gets_304_until_something_changes(server: AppServer, room: str, url: str) -> None:
    tag = httpx.get(f"{url}feed").headers["etag"]
    known = {"If-None-Match": tag}
    assert httpx.get(f"{url}feed", headers=known).status_code == 304
    tell(server.database, "UPDATE message SET message = 'changed' WHERE message = 'one & two'")
    changed = httpx.get(f"{url}feed", headers=known)
    assert entries(changed)[-1].findtext(f"{A}title") == "changed"


def test_an_empty_room_and_an_unknown_one_have_a_feed_too(server: AppServer, room: str) -> None:
    assert entries(httpx.get(f"{server.url}/{room}/feed")) == []


def test_a_closed_room_has_none(server: AppServer, room: str) -> None:
    with Person(server.url, room, "Olga") as owner:
        owner.page()
        owner.say(HIDDEN)
        tag = owner.get("feed").headers["etag"]
        assert HIDDEN in owner.get("feed").text
        owner.set("passphrase", passphrase="open sesame")
    for headers in ({}, {"If-None-Match": tag}):
        answer = httpx.get(f"{server.url}/{room}/feed", headers=headers)
        assert answer.status_code == 403
        assert HIDDEN not in answer.text
