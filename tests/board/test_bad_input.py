"""Whatever is sent for values, by a page or by a bot, it is answered, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.app_server import AppServer
from tests.support.json_client import PROTOCOL, JsonClient
from tests.support.patience import PATIENCE
from webapp.protocols.limits import BODY_LIMIT

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "\0", 2**63])
value = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
number = st.sampled_from([0, 1, 2, "1", -1, 2**63 - 1, 2**63, -(2**63), "9" * 5000, 1.5, 1e400]) | value
stream = st.sampled_from(["intval", "roomval", "chat"]) | value
action = st.sampled_from(["create", "update", "delete", "increment", "resume", "typing", "perform", "valid"]) | value
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["tea", "x" * 101, ""]) | value,
    "value": number,
    "by": number,
    "room_id": number,
    "message": st.sampled_from(["hi", "/set tea 3", "/inc tea", "/set tea 9999999999999999999", "/unset tea"]) | value,
    "handle": value,
    "nonce": value,
}
fields = st.fixed_dictionaries({}, optional=KNOWN) | st.dictionaries(st.text(), value, max_size=3)
page_frames = st.builds(
    lambda own, known: {**known, **own},
    st.fixed_dictionaries(
        {},
        optional={
            "stream": stream,
            "action": action,
            "pk": number,
            "version": value,
            "cursor": value,
            "headers": value,
        },
    ),
    fields,
)
payloads = st.fixed_dictionaries(
    {}, optional={"action": action, "pk": number, "data": fields | value, "model": value, "version": value}
)
bot_frames = st.fixed_dictionaries(
    {}, optional={"stream": stream, "payload": payloads | value, "id": value, "action": action, "seq": number}
)
frames = st.one_of(
    page_frames.map(json.dumps),
    bot_frames.map(json.dumps),
    value.map(json.dumps),
    st.text().filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    st.binary(max_size=200),
    st.sampled_from(["[" * 9000, "x" * 20_000, "9" * 5000, '{"a":' * 900 + "1" + "}" * 900]),
)


@pytest.fixture(scope="module")
def server(each_server: AppServer) -> AppServer:
    return each_server


async def until_told(socket: ClientConnection, text: str) -> list[str]:
    """All that it is told until something holds `text`."""
    told = [""]
    async with asyncio.timeout(PATIENCE):
        while text not in told[-1]:
            told.append(str(await socket.recv()))
    return told[1:]


async def alive(server: AppServer, path: str, as_json: bool, sent: list[str | bytes]) -> list[str]:
    """What a socket is told of these frames; it goes on, and so does somebody else's."""
    async with JsonClient(server.url, path) as other:
        protocols = [PROTOCOL] if as_json else []
        async with connect(
            server.ws_url + path, subprotocols=protocols or None, compression=None, max_size=None
        ) as socket:
            for frame in sent:
                await socket.send(frame)
            last = {"stream": "nowhere", "payload": {}, "id": "the last"} if as_json else {"stream": "nowhere"}
            await socket.send(json.dumps(last))
            told = await until_told(socket, "the last" if as_json else "does not understand")
            stream = "roomval" if "/values" not in path else "intval"
            for _ in range(2):
                pk = await other.create(stream, name="it lives")
                await other.until(lambda rows, pk=pk: pk in rows[stream])  # type: ignore[misc]
                assert "accepted" in await other.ask(stream, "delete", pk)
            return told


@pytest.mark.parametrize("path", ["/values/live", "/bad-values/live"])
@pytest.mark.parametrize("as_json", [False, True], ids=["page", "bot"])
@given(sent=st.lists(frames, max_size=8))
@FEW
async def test_no_frame_breaks_a_socket(server: AppServer, path: str, as_json: bool, sent: list[str | bytes]) -> None:
    await alive(server, path, as_json, sent)


@given(sent=bot_frames, number=st.integers(1, 10**6))
@FEW
async def test_every_frame_with_an_id_is_answered_with_it(server: AppServer, sent: dict[str, Any], number: int) -> None:
    if "stream" not in sent:
        sent = {**sent, "stream": "intval"}
    async with JsonClient(server.url, seq=None) as bot:
        answer = await bot.asked({**sent, "id": number})
        assert ("accepted" in answer) != ("error" in answer)
        if "error" in answer:
            assert isinstance(answer["error"]["reason"], str)


@given(sent=st.lists(frames, min_size=1, max_size=8))
@FEW
async def test_as_many_errors_as_frames_that_make_no_sense(server: AppServer, sent: list[str | bytes]) -> None:
    garbage = [frame for frame in sent if not isinstance(frame, str) or not frame.startswith("{")]
    told = [json.loads(text) for text in await alive(server, "/bad-values/live", True, garbage)]
    reasons = [frame["error"]["reason"] for frame in told if "error" in frame]
    assert len(reasons) == len(garbage) + 1
    assert set(reasons[:-1]) <= {"malformed", "too_large"}


names = st.sampled_from(["action", "pk", "name", "value", "by", "version", "stream"]) | st.text(max_size=20)
texts = (
    st.sampled_from(
        ["create", "update", "delete", "increment", "1", "0", "-1", "9" * 5000, "tea", "x" * 101, "<b>", "\0"]
    )
    | st.text()
)


@given(sent=st.lists(st.tuples(names, texts), max_size=10))
@FEW
def test_no_form_breaks_the_board(server: AppServer, sent: list[tuple[str, str]]) -> None:
    form: dict[str, list[str]] = {}
    for name, text in sent:
        form.setdefault(name.encode(errors="replace").decode(), []).append(text.encode(errors="replace").decode())
    with httpx.Client(base_url=server.url) as http:
        assert http.post("/values/", data=form).status_code in (303, 400, 422)
        assert http.get("/values/").status_code == 200


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-7", "utf-16", "unicode_escape", "undefined", "idna", "hex", "x", "'"]
)
@pytest.mark.parametrize("text", [b"tea", rb"\ud800", b"+2AA-", b"\xff\xfe", b"a\0b", b"x" * 70_000])
def test_no_charset_breaks_the_board(server: AppServer, charset: str, text: bytes) -> None:
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s' % part
        for part in ((b"action", b"create"), (b"name", text), (b"name", text), (text[:40], text), (b"value", b"1"))
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    with httpx.Client(base_url=server.url) as http:
        answer = http.post("/values/", content=b"\r\n".join([*parts, b"--b--\r\n"]), headers=headers)
        assert answer.status_code in (303, 400, 422)
        plain = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
        answer = http.post("/values/", content=b"action=create&name=" + text + b"&name=%ff%00", headers=plain)
        assert answer.status_code in (303, 400, 422)
        assert http.get("/values/").status_code == 200


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "\xff"]
)
def test_what_is_no_form_is_refused(server: AppServer, kind: str) -> None:
    for body in (b"", b"{}", b"--b\r\n\r\n", b"\0" * 99, b"action=create&name=" + b"x" * 5_000_000):
        answer = httpx.post(f"{server.url}/values/", content=body, headers={b"Content-Type": kind.encode("latin-1")})
        # A body of megabytes is refused before anybody asks what it is.
        assert answer.status_code in ((413,) if len(body) > BODY_LIMIT else (400, 422)), body[:20]


@pytest.mark.parametrize("edit", ["", "x", "1.5", "9" * 4500, "%00", "%ED%A0%80", "-1", "1&edit=2", "99999999"])
def test_no_form_for_a_row_that_is_none(server: AppServer, edit: str) -> None:
    assert httpx.get(f"{server.url}/values/?edit={edit}").status_code == 404


def shaken(server: AppServer, *headers: bytes) -> bytes:
    """The first line that the server answers to a handshake with these headers."""
    head = [
        b"GET /values/live HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    ]
    with sockets.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(b"\r\n".join([*head, b"", b""]))
        answer = b""
        while b"\r\n\r\n" not in answer and (more := connection.recv(65536)):
            answer += more
    return answer


@pytest.mark.parametrize(
    "garbage",
    [b"", b",", b" , ,", b"\xff\xfe", b"a b", b'"', b"=;", b"binding.json binding.json", b"x" * 5000, b"a," * 500],
)
def test_no_subprotocol_breaks_a_handshake(server: AppServer, garbage: bytes) -> None:
    answer = shaken(server, b"Sec-WebSocket-Protocol: " + garbage)
    assert answer.split()[1:2] in ([b"101"], [b"400"]), answer[:200]
    assert b"binding.json" not in answer.split(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "header", [b"Cookie: visitor=\xff", b"Cookie: ;;=", b"Cookie: visitor=" + b"a" * 8000, b"Origin: "]
)
def test_no_other_header_breaks_a_handshake(server: AppServer, header: bytes) -> None:
    answer = shaken(server, header)
    assert answer.split()[1:2] in ([b"101"], [b"400"], [b"403"]), answer[:200]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], None),
        (["chat"], None),
        (["BINDING.JSON"], None),
        (["binding.json"], "binding.json"),
        (["chat", "binding.json"], "binding.json"),
        (["binding.json", "binding.json", "x"], "binding.json"),
    ],
)
async def test_of_several_subprotocols_ours_is_chosen(
    server: AppServer, offered: list[str], chosen: str | None
) -> None:
    protocols = [Subprotocol(name) for name in offered]
    async with connect(f"{server.ws_url}/values/live", subprotocols=protocols or None) as socket:
        assert socket.subprotocol == chosen
        await socket.send("{}")
        assert str(await socket.recv()).startswith("{" if chosen else "<")
