"""The page of a search tells what was found, and what of its form cannot be used."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from limits import RateLimitItemPerMinute
from lxml.html import HtmlElement, fromstring

from tests.browser.rooms import fill_room, tell
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.in_process import asked_in_process
from webapp.chat.models import PAGE

HTMX = {"HX-Request": "true"}


@pytest.fixture
def talk(server: AppServer, room: str) -> str:
    """The URL of a room in which something was said."""
    httpx.get(f"{server.url}/{room}/").raise_for_status()
    fill_room(server.database, room, [("ann", "green tea"), ("Ben <b>", "no tea & no <i>cake</i>"), ("ann", "coffee")])
    return f"{server.url}/{room}/"


def search(url: str, query: str, **headers: str) -> tuple[httpx.Response, HtmlElement]:
    answer = httpx.get(f"{url}search?{query}", headers=headers)
    return answer, fromstring(answer.text)


def results(page: HtmlElement) -> list[str]:
    return [each.text_content() for each in page.xpath("//a[@class='search__text']")]


def status(page: HtmlElement) -> str:
    (found,) = page.xpath("//*[@role='status']")
    return str(found.text_content()).strip()


def test_results_are_newest_first_with_the_words_marked_and_lead_to_the_talk(talk: str) -> None:
    answer, page = search(talk, "q=TEA")
    assert answer.status_code == 200
    assert results(page) == ["no tea & no <i>cake</i>", "green tea"]
    assert [mark.text for mark in page.xpath("//mark")] == ["tea", "tea"]
    assert "no-store" not in answer.headers["cache-control"]
    link = page.xpath("//a[@class='search__text']")[1].get("href")
    assert httpx.get(httpx.URL(talk).join(link)).status_code == 200
    assert re.fullmatch(r"/[\w-]+/\?at=(\d+)#message-\1", link)


def test_htmx_gets_the_results_alone(talk: str) -> None:
    answer, page = search(talk, "q=tea", **HTMX)
    assert answer.status_code == 200
    assert page.get("id") == "results"
    assert answer.headers["cache-control"] == "no-store"
    assert "HX-Request" in answer.headers["vary"]


def test_the_boxes_keep_what_was_asked(talk: str) -> None:
    query = "q=%3Cb%3E%22tea%22&by=ann&since=2026-01-01&until=2999-12-31&links=on"
    _, page = search(talk, query)
    (form,) = page.xpath("//form[@role='search']")
    assert dict(form.fields) == {
        "q": '<b>"tea"',
        "by": "ann",
        "since": "2026-01-01",
        "until": "2999-12-31",
        "links": "on",
    }
    assert page.xpath("//details/@open")


def test_an_empty_form_looks_for_nothing(talk: str) -> None:
    for query in ("", "q=&by=&since=&until=", "q=+-+"):
        answer, page = search(talk, query)
        assert (answer.status_code, results(page), status(page)) == (200, [], "")


def test_what_was_not_said_is_not_found_and_no_room_is_made(server: AppServer, talk: str, room: str) -> None:
    assert status(search(talk, "q=cocoa")[1]) == "Nothing like that was said here."
    other = quote(f"{room}-other")
    answer, page = search(f"{server.url}/{other}/", "q=tea")
    assert (answer.status_code, results(page)) == (200, [])
    assert httpx.get(f"{server.url}/{other}/code.svg").status_code == 200
    assert shell(server.database, f"SELECT count(*) FROM room WHERE label = '{room}-other'") == [["0"]]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=" + "x" * 201, "That is too long: 200 characters at most."),
        ("by=" + "x" * 41, "That is too long: 40 characters at most."),
        ("since=yesterday", "A day is written as in 2026-01-31."),
        ("until=2026-02-30", "A day is written as in 2026-01-31."),
        ("since=9999-12-31", "A day is written as in 2026-01-31."),
        ("until=0000-00-00", "A day is written as in 2026-01-31."),
    ],
)
def test_what_cannot_be_used_is_told(talk: str, query: str, words: str) -> None:
    answer, page = search(talk, query)
    assert (answer.status_code, status(page)) == (422, words)
    answer, page = search(talk, query, **HTMX)
    assert (answer.status_code, status(page)) == (200, words)


@pytest.mark.parametrize("before", ["", "-1", "x", "1" * 19, "٣"])
def test_a_place_that_is_none_is_refused(talk: str, before: str) -> None:
    assert httpx.get(f"{talk}search", params={"q": "tea", "before": before}).status_code == 400


def test_older_results_follow_by_a_link_that_keeps_the_search(server: AppServer, room: str) -> None:
    url = f"{server.url}/{room}/"
    httpx.get(url).raise_for_status()
    fill_room(server.database, room, [("ann", f"tea {number}") for number in range(PAGE + 7)])
    _, page = search(url, "q=tea&by=ann&until=2999-01-01")
    assert len(results(page)) == PAGE
    (older,) = page.xpath("//div[@id='results']/p/a/@href")
    answer = httpx.get(httpx.URL(url).join(older))
    assert results(fromstring(answer.text)) == [f"tea {number}" for number in reversed(range(7))]
    assert not fromstring(answer.text).xpath("//div[@id='results']/p/a")


def test_a_broken_message_harms_itself_alone(server: AppServer, talk: str, room: str) -> None:
    tell(server.database, "UPDATE message SET timestamp = 'yesterday' WHERE message = 'green tea'")
    _, page = search(talk, "q=tea")
    assert results(page) == ["no tea & no <i>cake</i>"]


async def test_who_searches_too_often_is_told_when_to_go_on(tmp_path: Path) -> None:
    async with asked_in_process(tmp_path, rate_limit=RateLimitItemPerMinute(10)) as http:
        await http.get("/tea-1/")
        answers = [(await http.get("/tea-1/search?q=tea")).status_code for _ in range(121)]
        assert answers == [200] * 120 + [429]
        assert int((await http.get("/tea-1/search?q=tea")).headers["Retry-After"]) >= 1
        assert (await http.get("/tea-1/search")).status_code == 200
        answer = await http.get("/tea-1/search?q=tea", headers=HTMX)
        assert answer.status_code == 200
        assert "That was a lot at once" in html.unescape(answer.text)
