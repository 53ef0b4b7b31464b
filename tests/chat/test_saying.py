"""Saying something: by the socket and by the form, once, not too often, and never to anybody else's harm."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from webapp.live.protocol.requests import FRAME_LIMIT as READ_LIMIT
from webapp.server import SOCKET_MESSAGE_LIMIT

# A day, so that no bound moves while the test runs.
THREE = "3/day"
TOLD = re.compile(r"That was a lot at once\. Send it again in (\d+) seconds?\.")


@pytest.fixture
async def http(server: AppServer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts, with its cookies."""
    async with httpx.AsyncClient(base_url=server.url) as found:
        yield found


async def page(http: httpx.AsyncClient, room: str) -> PageModel:
    answer = await http.get(f"/{room}/")
    assert answer.status_code == 200
    return PageModel(answer.text)


def seconds_told(shown: PageModel) -> int:
    told = TOLD.fullmatch(shown.text_of("composer-error"))
    return int(told[1]) if told else 0


async def heard(socket: ClientConnection, text: str) -> str:
    """The first frame that holds `text`."""
    while True:
        frame = str(await socket.recv())
        if text in frame:
            return frame


def frame(**fields: object) -> str:
    return json.dumps({"stream": "chat", "action": "create", "handle": "ann", **fields})


async def test_flooding_by_the_socket_is_refused_with_the_text_kept(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT=THREE)
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        for text in ("one", "two", "three", "four"):
            await ann.say("ann", text)
        await ann.until(lambda page: seconds_told(page) > 0)
        assert seconds_told(ann.page) <= 2 * 24 * 3600
        assert ann.page.fields("composer")["message"] == "four"
        await bob.say("bob", "others may go on")
        await bob.until(lambda page: page.texts() == ["one", "two", "three", "others may go on"])
        assert bob.page.text_of("composer-error") == ""


async def test_flooding_by_the_form_is_refused_with_the_text_kept(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT=THREE)
    async with httpx.AsyncClient(base_url=server.url) as http:
        await page(http, room)
        for text in ("one", "two", "three"):
            assert (await http.post(f"/{room}/", data={"message": text})).status_code == 303
        answer = await http.post(f"/{room}/", data={"handle": "ann", "message": "four"})
        assert answer.status_code == 422
        shown = PageModel(answer.text)
        assert 0 < seconds_told(shown) <= 2 * 24 * 3600
        assert shown.fields("composer")["message"] == "four"
        assert (await page(http, room)).texts() == ["one", "two", "three"]


async def test_the_bound_is_the_visitors_in_all_its_tabs_and_rooms(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT=THREE)
    async with LiveClient(server.url, room) as tab, LiveClient(server.url, f"{room}-b", http=tab.http) as other:
        for text in ("one", "two", "three"):
            await tab.say("ann", text)
        await tab.until(lambda page: page.texts() == ["one", "two", "three"])
        await other.say("ann", "four")
        await other.until(lambda page: seconds_told(page) > 0)
        assert (await tab.http.post(f"/{room}/", data={"message": "five"})).status_code == 422


async def test_without_a_limit_nobody_is_refused(server: AppServer, room: str) -> None:
    assert server.environment["RATE_LIMIT"] == "off"
    async with LiveClient(server.url, room) as ann:
        for number in range(40):
            await ann.say("ann", str(number))
        await ann.until(lambda page: page.texts() == [str(number) for number in range(40)])
        assert ann.page.text_of("composer-error") == ""


async def test_a_form_that_is_sent_twice_says_it_once(http: httpx.AsyncClient, room: str) -> None:
    form = {**(await page(http, room)).fields("composer"), "message": "once"}
    for text in ("once", "once", "another"):
        assert (await http.post(f"/{room}/", data={**form, "message": text})).status_code == 303
    assert (await page(http, room)).texts() == ["once", "another"]


async def test_anothers_nonce_is_of_no_use(server: AppServer, http: httpx.AsyncClient, room: str) -> None:
    form = {**(await page(http, room)).fields("composer"), "message": "hi"}
    async with httpx.AsyncClient(base_url=server.url) as other:
        await page(other, room)
        for visitor in (other, http):
            assert (await visitor.post(f"/{room}/", data=form)).status_code == 303
    assert (await page(http, room)).texts() == ["hi", "hi"]


async def test_after_the_answer_the_same_text_is_another_message(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        first = ann.page.fields("composer")["nonce"]
        await ann.say("ann", "hi")
        await ann.until(lambda page: page.fields("composer")["nonce"] != first)
        await ann.say("ann", "hi")
        await ann.until(lambda page: page.texts() == ["hi", "hi"])


@pytest.mark.parametrize(
    ("handle", "text", "told"),
    [
        ("ann", "x" * 2001, "2,000 characters"),
        ("ann", "\u200b \u200b", "Write something first."),
        ("y" * 41, "what I wanted to say", "40 characters"),
    ],
)
async def test_a_refused_form_keeps_the_name_and_the_text(
    http: httpx.AsyncClient, room: str, handle: str, text: str, told: str
) -> None:
    answer = await http.post(f"/{room}/", data={"handle": handle, "message": text})
    assert answer.status_code == 422
    shown = PageModel(answer.text)
    assert told in shown.text_of("composer-error")
    composer = shown.fields("composer")
    assert (composer["handle"], composer["message"]) == (handle, text)
    assert (await page(http, room)).texts() == []


async def test_a_refused_frame_gives_the_text_back_only_to_an_empty_box(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "x" * 2001)
        await ann.until(lambda page: "2,000 characters" in page.text_of("composer-error"))
        assert ann.page.fields("composer")["message"] == "x" * 2001
        # The box holds that now, as if somebody had begun to type again.
        ann.frames.clear()
        await ann.say("ann", "y" * 2002)
        await ann.until(lambda _: any("y" * 2002 in each for each in ann.frames))
        assert ann.page.fields("composer")["message"] == "x" * 2001
        await ann.say("ann", "short")
        await ann.until(lambda page: page.texts() == ["short"] and page.text_of("composer-error") == "")


async def test_a_name_is_remembered(http: httpx.AsyncClient, room: str) -> None:
    assert (await page(http, room)).fields("composer")["handle"] == ""
    answer = await http.post("/me/", data={"handle": " <Ann> 🦊 "})
    assert (answer.status_code, answer.content) == (204, b"")
    for label in (room, f"{room}-other"):
        assert (await page(http, label)).fields("composer")["handle"] == "<Ann> 🦊"


async def test_a_name_that_a_form_was_sent_with_is_remembered(http: httpx.AsyncClient, room: str) -> None:
    await http.post(f"/{room}/", data={"handle": "ann", "message": "hi"})
    shown = await page(http, room)
    assert [each.handle for each in shown.messages()] == ["ann"]
    assert shown.fields("composer")["handle"] == "ann"


async def test_who_gives_no_name_speaks_under_the_one_that_the_page_offers(http: httpx.AsyncClient, room: str) -> None:
    offered = (await page(http, room)).document.by_id("handle")
    assert offered is not None
    await http.post(f"/{room}/", data={"handle": "  ", "message": "hi"})
    assert [each.handle for each in (await page(http, room)).messages()] == [offered.get("placeholder")]


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "a\0b"},
        {"message": "hi", "handle": "a\0b"},
        {"message": "hi", "nonce": "\0"},
        {"message": "a\ud800b"},
        {"message": "hi", "handle": "\udfff"},
        {"message": "hi", "nonce": "\udc00"},
        {"message": 5},
        {"message": "hi", "handle": ["ann"]},
        {"message": {"a": "b"}},
        {"message": "hi", "nonce": None},
    ],
)
async def test_text_that_cannot_be_stored_is_refused_and_nobody_else_notices(
    server: AppServer, others_room: str, fields: dict[str, object]
) -> None:
    async with LiveClient(server.url, others_room) as bob, connect(f"{server.ws_url}/{others_room}/live") as socket:
        await bob.until(lambda page: page.text_of("banner") == "" and bool(bob.frames))
        bob.frames.clear()
        await socket.send(frame(**fields))
        assert "not filled in as it should be" in await heard(socket, "#problem")
        await socket.send(frame(message="it lives"))
        await bob.until(lambda page: page.texts() == ["it lives"])
        assert len(bob.frames) == 1


@pytest.mark.parametrize("unit", ["x", "é", "🦊"])
async def test_a_frame_over_16_kb_is_refused_and_the_socket_lives_on(server: AppServer, room: str, unit: str) -> None:
    assert READ_LIMIT == 16 * 1024
    times = READ_LIMIT // len(unit.encode()) + 1
    async with connect(f"{server.ws_url}/{room}/live") as socket:
        # Written as it is: escaped, the others would be longer than they are.
        await socket.send(
            json.dumps({"stream": "chat", "action": "create", "message": unit * times}, ensure_ascii=False)
        )
        assert "too much to send at once" in await heard(socket, "#problem")
        await socket.send(frame(message="it lives"))
        assert "it lives" in await heard(socket, "it lives")


async def test_a_frame_of_16_kb_is_read(server: AppServer, room: str) -> None:
    async with connect(f"{server.ws_url}/{room}/live") as socket:
        sent = frame(message="hi", headers="")
        await socket.send(frame(message="hi", headers="x" * (READ_LIMIT - len(sent))))
        assert "hi" in await heard(socket, "#chat")


async def test_a_frame_over_1_mib_closes_its_socket_alone(server: AppServer, room: str) -> None:
    assert SOCKET_MESSAGE_LIMIT == 1024 * 1024
    async with LiveClient(server.url, room) as bob, connect(f"{server.ws_url}/{room}/live") as socket:
        await socket.send("x" * (SOCKET_MESSAGE_LIMIT + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket, "nothing that ever comes")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        await bob.say("bob", "still here")
        await bob.until(lambda page: page.texts() == ["still here"])
        assert bob.closed_with is None


async def test_a_frame_of_1_mib_is_answered(server: AppServer, room: str) -> None:
    async with connect(f"{server.ws_url}/{room}/live") as socket:
        await socket.send("x" * SOCKET_MESSAGE_LIMIT)
        assert "too much to send at once" in await heard(socket, "#problem")


async def test_bytes_that_are_no_text_close_their_socket_alone(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as bob, connect(f"{server.ws_url}/{room}/live") as socket:
        await socket.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket, "nothing that ever comes")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1007
        await bob.say("bob", "still here")
        await bob.until(lambda page: page.texts() == ["still here"])
