"""Whatever is sent, the answer is a clean one, the socket lives on, and nobody else notices."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.app_server import AppServer
from tests.support.handshakes import status_of
from tests.support.live_client import LiveClient
from tests.support.patience import PATIENCE

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
value = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
fields = st.dictionaries(
    st.sampled_from(["stream", "action", "handle", "message", "nonce", "cursor", "pk", "headers"]) | st.text(),
    st.sampled_from(["chat", "create", "update", "delete", "resume"]) | value,
    max_size=8,
)
frames = st.one_of(
    fields.map(json.dumps),
    value.map(json.dumps),
    st.text().filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    st.binary(max_size=200),
    st.sampled_from(["[" * 9000, "x" * 20_000, '{"stream":"chat","action":"create","message":"\\ud800"}', "9" * 5000]),
)


@given(sent=st.lists(frames, max_size=10))
@FEW
async def test_no_frame_breaks_a_socket(server: AppServer, sent: list[str | bytes]) -> None:
    async with connect(f"{server.ws_url}/bad-frames/live", compression=None, max_size=None) as socket:
        for frame in sent:
            await socket.send(frame)
        await socket.send('{"stream":"chat","action":"create","message":"it lives"}')
        async with asyncio.timeout(PATIENCE):
            while "it lives" not in str(await socket.recv()):
                pass


@given(sent=st.dictionaries(st.sampled_from(["handle", "message", "nonce"]) | st.text(), st.text(), max_size=6))
@FEW
def test_no_form_breaks_a_room(server: AppServer, sent: dict[str, str]) -> None:
    form = {
        name.encode(errors="replace").decode(): text.encode(errors="replace").decode() for name, text in sent.items()
    }
    with httpx.Client(base_url=server.url) as http:
        assert http.post("/bad-forms/", data=form).status_code in (303, 400, 422)
        assert http.post("/me/", data=form).status_code in (204, 400)
        assert http.get("/bad-forms/").status_code == 200


@pytest.mark.parametrize("path", ["/bad-parts/", "/me/"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-7", "unicode_escape", "undefined", "idna", "punycode", "hex", "x"])
@pytest.mark.parametrize("text", [b"hi", rb"\ud800", b"+2AA-", b"\xff\xfe", b"a\0b"])
def test_no_charset_breaks_a_form(server: AppServer, path: str, charset: str, text: bytes) -> None:
    parts = [b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s' % (n, text) for n in (b"handle", b"message")]
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    with httpx.Client(base_url=server.url) as http:
        answer = http.post(path, content=b"\r\n".join([*parts, b"--b--\r\n"]), headers=headers)
        assert answer.status_code in (204, 303, 400, 422)
        assert http.get("/bad-parts/").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"--b", b"--b\r\n\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", b"\0" * 99]
)
def test_a_broken_multipart_form_is_refused(server: AppServer, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for path in ("/bad-parts/", "/me/"):
        assert httpx.post(server.url + path, content=body, headers=headers).status_code in (204, 400, 422)


def test_a_huge_form_is_refused(server: AppServer) -> None:
    for path in ("/bad-parts/", "/me/"):
        assert httpx.post(server.url + path, data={"message": "x" * 5_000_000}).status_code == 413


def test_a_long_name_makes_no_cookie_that_is_too_long(server: AppServer) -> None:
    with httpx.Client(base_url=server.url) as http:
        for path in ("/me/", "/long-names/"):
            answer = http.post(path, data={"handle": " " * 900 + "ann" + " " * 50_000, "message": "hi"})
            assert len(answer.headers.get("set-cookie", "")) < 1000, path


@pytest.mark.parametrize("cookie", ["x", "a.b", ".", "eyJpZCI6MX0.sig", "\xff", "a" * 8000, '"', "null.x"])
def test_a_cookie_that_we_did_not_sign_makes_a_new_visitor(server: AppServer, cookie: str) -> None:
    answer = httpx.get(f"{server.url}/bad-cookies/", headers={b"Cookie": f"visitor={cookie}".encode("latin-1")})
    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith("visitor=")


@pytest.mark.parametrize(
    "origin", ["http://elsewhere.example", "null", "http://[", "", "garbage", "http://127.0.0.1:1"]
)
async def test_a_foreign_origin_may_neither_post_nor_open_a_socket(server: AppServer, origin: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        answer = await http.post("/origins/", data={"message": "hi"}, headers={"Origin": origin})
        assert answer.status_code == 403
    status = await asyncio.to_thread(status_of, f"{server.ws_url}/origins/live", server.port, {"Origin": origin})
    assert status == 403


@pytest.mark.parametrize("label", ["a b", "static", "fragments", "x" * 51, "%00", "a.b"])
async def test_a_label_that_is_none_is_not_found_without_a_fault(server: AppServer, label: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get(f"/{label}/")).status_code == 404
    with pytest.raises(InvalidStatus):
        async with connect(f"{server.ws_url}/{label.replace(' ', '%20')}/live"):
            pass


async def test_a_double_enter_says_it_once_and_another_text_is_another_message(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        form = {**ann.page.fields("composer"), "handle": "ann"}
        for text in ("once", "once", "another"):
            await ann.send({**form, "message": text})
        await ann.until(lambda page: page.texts() == ["once", "another"])


async def test_fifty_first_visits_at_once_make_one_room(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        answers = await asyncio.gather(*(http.get(f"/{room}/") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
