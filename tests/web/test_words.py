"""What people write is text, in the page, in frames and in the history; addresses are links that give nothing away.

How it looks in a browser is in tests/browser/test_words.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, fragment_fromstring

from tests.live.test_formatting import TAGS
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import PATIENCE
from webapp.chat.contexts import MessageContext
from webapp.chat.models import Message
from webapp.live.templating import folders
from webapp.live.templating.assets import Assets
from webapp.live.templating.templates import Templates
from webapp.live.validation import name_and_secret

TEMPLATES = Templates([folders.TEMPLATES], Assets([folders.STATIC]))
MARKUP = [
    "<script>alert(1)</script>",
    "<b>bold</b> &amp; &#60;i&#62; <img src=x onerror=alert(1)>",
    "</p></li></ol><h1>out</h1>",
    "<hx-partial hx-target='#room'>gone</hx-partial>",
    "</hx-upsert><hx-partial hx-target='#log' hx-swap='delete'></hx-partial>",
    "{{ 7 * 7 }} {% raw %} {# gone #}",
    "<!-- gone --> <![CDATA[gone]]> <?gone?>",
    "\" onmouseover='alert(1)' ` x=\"",
    "https://example.com/\"onmouseover='alert(1)'",
    "<a href='https://example.com/'>www.example.com</a>",
]
LINKS = {
    "https://example.com/a?b=1&c=2": "https://example.com/a?b=1&c=2",
    "http://example.com": "http://example.com",
    "www.example.org": "https://www.example.org",
}
NO_LINKS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://example.com",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "file:///etc/passwd",
    "//example.com/x",
    "blob:https://example.com/x",
]
HARD = {
    "round brackets": "(" * 2000,
    "brackets and an address": "(" * 990 + "www.a.com" + ")" * 1001,
    "angles": "<" * 1000 + ">" * 1000,
    "dots": "." * 2000,
    "an address of dots": "www." + "." * 1996,
    "an address and dots": "https://a.com/" + ".," * 993,
    "a name of dots": "a." * 1000,
    "colons": "mailto:" * 285,
    "slashes": "http://" * 285,
    "ats": "a@a." * 500,
    "alternating brackets": "www.a.com/()" * 166,
    "entities": "&lt;" * 500,
    "one long word": "a" * 1999 + ".",
}


@dataclass
class Views:
    """What one reader sees of a message, by way of each of the three places that show it."""

    server: AppServer
    room: str
    live: LiveClient

    async def of(self, handle: str, text: str) -> dict[str, HtmlElement]:
        """Say it, and give the element that shows it in the frame, in the page and in the history."""
        await self.live.say(handle, text)
        await self.live.until(lambda page: bool(page.messages()))
        number = self.live.page.messages()[0].id
        page = PageModel((await self.live.http.get(f"/{self.room}/")).text)
        path = f"/{self.room}/messages?before={number + 1}"
        history = PageModel((await self.live.http.get(path)).text)
        fragment = (await self.live.http.get(path, headers={"HX-Request": "true"})).text
        views = {"frame": self.live.page, "page": page, "history": history}
        found = {name: view.document.by_id(f"message-{number}") for name, view in views.items()}
        found["fragment"] = next(
            each for each in fragment_fromstring(fragment, create_parent=True).iter("li") if each.get("id")
        )
        assert None not in found.values()
        return {name: element for name, element in found.items() if element is not None}


@pytest.fixture
async def views(server: AppServer, room: str) -> AsyncIterator[Views]:
    async with LiveClient(server.url, room) as live:
        yield Views(server, room, live)


def rendered(text: str, handle: str = "ann") -> HtmlElement:
    """The element that the template makes of it."""
    message = Message(id=1, handle=handle, message=text, timestamp=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    return fragment_fromstring(TEMPLATES.render("chat/_message.html", MessageContext(message)))


def part(element: HtmlElement, tag: str) -> HtmlElement:
    (found,) = element.findall(tag)
    return found


def links(element: HtmlElement) -> list[HtmlElement]:
    return [each for each in element.iter("a") if not each.get("href", "").startswith("messages/")]


@pytest.mark.parametrize("markup", MARKUP)
async def test_markup_is_text_wherever_a_message_is_shown(views: Views, markup: str) -> None:
    name = markup[:40].strip()
    for where, element in (
        await views.of(markup, markup) if len(markup) <= 40 else await views.of(name, markup)
    ).items():
        assert part(element, "p").text_content() == markup, where
        # The server takes what stands behind a "#" for a secret.
        assert part(element, "b").text_content() == name_and_secret(name)[0], where
        assert {each.tag for each in element.iter()} <= {"li", "b", "p", "relative-time", "a"}, where
        assert len(part(element, "b")) == 0, where


@pytest.mark.parametrize("text", LINKS)
async def test_an_address_is_a_link_that_gives_nothing_away(views: Views, text: str) -> None:
    for where, element in (await views.of("ann", f"see {text} ({text}), it is <b>good</b>")).items():
        assert [link.get("href") for link in links(element)] == [LINKS[text]] * 2, where
        for link in links(element):
            assert link.text_content() == text
            assert {"nofollow", "noopener", "noreferrer"} <= set((link.get("rel") or "").split()), where
            assert set(link.attrib) <= {"href", "rel", "target"}, where


@pytest.mark.parametrize("text", NO_LINKS)
async def test_what_is_no_web_address_is_no_link(views: Views, text: str) -> None:
    for where, element in (await views.of(text[:40], text)).items():
        assert [link.get("href") for link in links(element) if not is_web(link)] == [], where
        assert part(element, "p").text_content() == text, where
        assert links(part(element, "b")) == [], where


def is_web(link: HtmlElement) -> bool:
    return (link.get("href") or "").startswith(("https://", "http://"))


@pytest.mark.parametrize("text", [each for each in NO_LINKS if "example.com" not in each])
def test_a_dangerous_address_is_no_link_at_all(text: str) -> None:
    assert links(rendered(text)) == []
    assert links(rendered(f"see <{text}> ({text}).")) == []


async def test_a_name_is_never_a_link(views: Views) -> None:
    for where, element in (await views.of("www.example.com", "hi")).items():
        assert links(element) == [], where


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_what_is_hard_to_search_for_links_is_shown_in_time(text: str) -> None:
    assert len(text) <= 2000
    assert part(rendered(text), "p").text_content() == text


@given(text=st.text(max_size=300) | st.text(alphabet="<>()&\"'.:/@ wahtps", max_size=300), handle=st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_shown_as_it_is_and_only_web_addresses_are_links(text: str, handle: str) -> None:
    element = rendered(text, handle)
    # Markdown may make more of it; tests/live/test_formatting.py says what.
    assert {each.tag for each in element.iter()} <= {"li", "b", "div", "relative-time", *TAGS}
    for link in links(element):
        assert (link.get("href") or "").startswith(("https://", "http://", "mailto:"))
        assert set(link.attrib) <= {"href", "rel", "target"}


async def test_many_readers_of_hard_words_are_answered_in_time(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, httpx.AsyncClient(base_url=server.url) as http:
        for text in HARD.values():
            await ann.say("ann", text)
        await ann.until(lambda page: len(page.messages()) == len(HARD))
        answers = await asyncio.gather(*(http.get(f"/{room}/") for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
