"""What goes to many readers is rendered once, or once for each of their languages; fragments do not mix languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from webapp.live.contexts import Cursor
from webapp.live.fanout import Wording
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates
from webapp.room_values.bindings import RoomValueBinding

LANGUAGES = ["en", "lt", "ar"]


@asynccontextmanager
async def reader(server: AppServer, room: str, language: str) -> AsyncIterator[LiveClient]:
    """A page of the room in a language."""
    async with (
        httpx.AsyncClient(base_url=server.url, headers={"Accept-Language": language}, follow_redirects=True) as http,
        LiveClient(server.url, room, http=http) as client,
    ):
        yield client


async def test_each_reader_sees_own_words_and_all_see_the_same_messages(server: AppServer, others_room: str) -> None:
    async with AsyncExitStack() as stack:
        pages = {code: await stack.enter_async_context(reader(server, others_room, code)) for code in LANGUAGES}
        for code, here in {"en": "3 here", "lt": "čia 3", "ar": "3 أشخاص هنا"}.items():
            await pages[code].until(lambda page, here=here: page.text_of("people-count") == here)  # type: ignore[misc]
        await pages["lt"].send({"action": "typing", "handle": "Ona"})
        for code, typing in {"en": "Ona is typing…", "ar": "Ona يكتب…"}.items():
            await pages[code].until(lambda page, typing=typing: page.text_of("typing") == typing)  # type: ignore[misc]
        for page in pages.values():
            page.frames.clear()
        await pages["lt"].say("Ona", "labas")
        for each in pages.values():
            await each.until(lambda page: page.texts() == ["labas"])
        # The answers to Ona's own form are among hers.
        said = {code: [each for each in page.frames if "labas" in each] for code, page in pages.items()}
        assert said["en"] == said["lt"] == said["ar"]
        # A refusal is for its sender alone, in that one's words.
        await pages["ar"].say("عمر", "/bogus")
        await pages["ar"].until(lambda page: "لا يوجد هنا أمر" in page.text_of("composer-error"))
        await pages["lt"].say("Ona", "  ")
        await pages["lt"].until(lambda page: page.text_of("composer-error") == "Pirma ką nors parašykite.")
        assert pages["en"].page.text_of("composer-error") == ""


async def test_a_page_keeps_its_language_when_it_reconnects(server: AppServer, room: str) -> None:
    async with reader(server, room, "lt") as ona, reader(server, room, "ar"):
        await ona.until(lambda page: page.text_of("people-count") == "čia 2")
        # Another tab of the same browser has chosen another language meanwhile.
        ona.http.cookies.set("language", "ar")
        await ona.drop()
        await ona.reconnect()
        await ona.say("Ona", " ")
        await ona.until(lambda page: page.text_of("composer-error") == "Pirma ką nors parašykite.")
        # It missed too much, and gets the whole list anew.
        await ona.drop()
        cursor = ona.page.document.by_id("cursor")
        assert cursor is not None
        cursor.set("value", "999999")
        await ona.reconnect()
        await ona.until(lambda page: "Čia tylu" in page.text_of("log"))


class Counted:
    """Templates that count what they render, by language and name."""

    def __init__(self) -> None:
        self.templates = Templates([TEMPLATES], Assets([STATIC]), languages=LANGUAGES)
        self.rendered: Counter[tuple[str, str]] = Counter()

    def in_language(self, code: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
        def render(name: str, context: object) -> str:
            spoken = code if self.templates.has_words(name) else ""
            self.rendered[spoken, name] += 1
            return self.templates.in_language(spoken or "").render(name, context)

        return render

    @property
    def wording(self) -> Wording:
        return Wording(self.in_language(""), self.in_language, self.templates.has_words)


def test_messages_and_the_frames_around_them_have_no_words() -> None:
    templates = Templates([TEMPLATES], Assets([STATIC]), languages=LANGUAGES)
    pushed = ["chat/_message.html", "live/_frame.html", "live/_cursor.html", "live/_resumed.html"]
    pushed += ["board/_value_update.html", RoomValueBinding.template, "chat/_accepted.html", "live/_done.html"]
    assert [name for name in pushed if templates.has_words(name)] == []
    worded = ["live/_presence.html", "live/_typing.html", "board/_value.html", "chat/_log.html", "live/_reset.html"]
    assert [name for name in worded if not templates.has_words(name)] == ["live/_reset.html"]
    # By what they include, and by the fragments that they name.
    assert templates.has_words("chat/_reset.html")
    assert templates.has_words("chat/_follows.html")
    assert not templates.has_words("live/_spare_used.html")


def test_what_has_no_words_is_rendered_once_for_all() -> None:
    counted = Counted()

    def make(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return lambda render: render(name, Cursor("7"))

    assert list(counted.wording.each(["live/_cursor.html"], LANGUAGES, make("live/_cursor.html"))) == [""]
    assert counted.rendered == {("", "live/_cursor.html"): 1}
    html = counted.wording.each(["error.html"], ["lt"], lambda render: render("live/_mark.html", Cursor("7")))
    assert list(html) == ["lt"]


class Source:
    """A feed that notes who has to catch up."""

    name, head = "room:1", 5

    def __init__(self) -> None:
        self.late: list[int | None] = []

    def catch_up(self, subscriber: Subscriber, cursor: int | None, resumes: bool = True) -> None:
        self.late.append(cursor)

    def drop(self, subscriber: Subscriber) -> None:
        pass


def test_a_reader_whose_language_a_frame_lacks_catches_up_instead() -> None:
    written: list[bytes] = []

    def write(data: bytes) -> bool:
        written.append(data)
        return True

    async def send(message: object) -> None:
        pass

    source = Source()
    reader = Subscriber(key="x", send=send, write=write, language="lt")
    frame = Frame({"en": "<p>Hello</p>"}, lambda cursor: "", 4, 5)
    reader.push(frame, source, resumed=True)  # type: ignore[arg-type]
    assert (written, source.late) == ([], [4])
    reader.send_ephemeral(Frame.ephemeral({"en": "x"}), source)  # type: ignore[arg-type]
    assert written == []
    reader.send_ephemeral(Frame.ephemeral({"": "x"}), source)  # type: ignore[arg-type]
    assert len(written) == 1


@pytest.mark.parametrize("template", ["live/_reconnecting.html", "board/_unsent.html", "chat/_follows.html"])
def test_a_fragment_with_words_has_an_address_for_each_language(template: str) -> None:
    fragments = Templates([TEMPLATES], Assets([STATIC]), languages=LANGUAGES).fragments
    urls = {code: fragments.url(template, code) for code in LANGUAGES}
    assert len(set(urls.values())) == 3
    for code, url in urls.items():
        assert re.fullmatch(rf"/fragments/{code}/{template.removesuffix('.html')}\.[0-9a-f]{{12}}", url)


def test_a_fragment_without_words_has_one_address() -> None:
    fragments = Templates([TEMPLATES], Assets([STATIC]), languages=LANGUAGES).fragments
    assert len({fragments.url("live/_nothing.html", code) for code in LANGUAGES}) == 1


async def test_the_addresses_on_a_page_lead_to_its_own_words(server: AppServer, room: str) -> None:
    words = {"en": "Reconnecting…", "lt": "Jungiamasi iš naujo…", "ar": "جارٍ إعادة الاتصال…"}
    async with httpx.AsyncClient(base_url=server.url) as http:
        for code, text in words.items():
            page = (await http.get(f"/{room}/", headers={"Accept-Language": code})).text
            (url,) = re.findall(r'"(/fragments/[^"]*_reconnecting\.[^"]*)"', page)
            # Whoever asks: the address alone says which.
            answer = await http.get(url, headers={"Accept-Language": "fr", "Cookie": "language=en"})
            assert text in answer.text
            assert "immutable" in answer.headers["cache-control"]
            assert "accept-language" not in answer.headers.get("vary", "").lower()
            now = re.findall(r'"(/fragments/[^"]*_plain\.now)"', answer.text)
            assert set(now) == {f"/fragments/{code}/live/_plain.now"}
        outdated = await http.get("/fragments/lt/live/_reconnecting.000000000000")
        assert (outdated.headers["cache-control"], words["lt"] in outdated.text) == ("no-store", True)
        assert (await http.get("/fragments/xx/live/_reconnecting.0")).status_code == 404
