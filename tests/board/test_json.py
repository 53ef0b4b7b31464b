"""The JSON of docs/json.md, over real sockets, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.support.app_server import ROOT, AppServer
from tests.support.dom import Document
from tests.support.json_client import JsonClient
from tests.support.patience import PATIENCE

DOCUMENT = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
HIGHEST, LOWEST = 2**63 - 1, -(2**63)


@pytest.fixture(scope="module")
def server(each_server: AppServer) -> AppServer:
    return each_server


@pytest.fixture
def name() -> str:
    """A value's name that no other test uses."""
    return f"name {uuid.uuid4().hex}"


def bot(server: AppServer, room: str | None = None, seq: int | None = 0) -> JsonClient:
    return JsonClient(server.url, f"/{room}/live" if room else "/values/live", seq)


def moved(client: JsonClient, pk: object, since: int = 0) -> list[dict[str, Any]]:
    """What a client was told of a row."""
    payloads = [frame.get("payload") for frame in client.frames[since:]]
    return [payload for payload in payloads if payload is not None and payload["pk"] == pk]


async def test_the_document_s_client_follows_the_board_and_presses(server: AppServer, name: str) -> None:
    code = PYTHON[0]
    assert len([line for line in code.splitlines() if line]) <= 10
    async with bot(server) as ann:
        pk = await ann.create("intval", name=name)
        command = (sys.executable, "-c", code, f"{server.ws_url}/values/live", str(pk))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:  # noqa: ASYNC220
            try:
                await ann.until(lambda rows: rows["intval"].get(pk, {}).get("value") == 1)
                assert client.stdout is not None
                # It may have been done before the rows that there are were sent.
                assert any(f"'pk': {pk}, " in line and "'value': 1}" in line for line in client.stdout)
            finally:
                client.kill()


async def test_the_document_s_copy_is_kept_right(server: AppServer, room: str) -> None:
    space: dict[str, Any] = {}
    exec(PYTHON[1], space)
    rows: dict[str, Any] = {}
    async with bot(server, room) as ann:
        pks = [await ann.create("roomval", name=f"{number}") for number in range(3)]
        await ann.ask("roomval", "update", pks[0], value=5)
        await ann.ask("roomval", "delete", pks[1])
        await ann.ask("chat", "create", message="hi")
        await ann.resume(0)
        for frame in ann.frames:
            space["keep"](rows, frame)
        assert rows == ann.rows
        assert rows["roomval"] == {pks[0]: {"name": "0", "value": 5}, pks[2]: {"name": "2", "value": 0}}


def test_every_json_of_the_document_is_json() -> None:
    texts = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert len(texts) == 4
    for text in texts:
        json.loads(text)


async def test_every_action_reaches_everybody_with_only_what_changed(server: AppServer, name: str) -> None:
    async with bot(server) as ann, bot(server) as bob:
        pk = await ann.create("intval", name=name, value=3)
        known = {"pk": pk, "model": "board.IntegerValue"}
        await bob.until(lambda rows: pk in rows["intval"])
        assert moved(bob, pk) == [{**known, "action": "create", "data": {"name": name, "value": 3}}]
        for do, data, then in (
            ("increment", {}, {"value": 4}),
            ("increment", {"by": -10}, {"value": -6}),
            ("update", {"value": 7}, {"value": 7}),
            ("update", {"name": f"{name}!", "value": 7}, {"name": f"{name}!"}),
            ("update", {"name": name, "value": 8}, {"name": name, "value": 8}),
        ):
            since = len(bob.frames)
            answer = await ann.ask("intval", do, pk, **data)
            assert answer == {"stream": "intval", "id": answer["id"], "accepted": {"pk": pk}}
            await bob.until(lambda _, since=since: bool(moved(bob, pk, since)))  # type: ignore[misc]
            assert moved(bob, pk, since) == [{**known, "action": "update", "data": then}]
        assert (await ann.ask("intval", "delete", pk))["accepted"] == {"pk": pk}
        await bob.until(lambda rows: pk not in rows["intval"])
        assert moved(bob, pk)[-1] == {**known, "action": "delete", "data": {}}
        assert (await bob.ask("intval", "delete", pk))["accepted"] == {"pk": pk}, "what is gone may be deleted"
        assert bob.frames[-2]["seq"] > 0


async def test_without_an_id_only_errors_are_answered(server: AppServer, name: str) -> None:
    async with bot(server, seq=None) as ann:
        await ann.send({"stream": "intval", "payload": {"action": "create", "data": {"name": name}}})
        await ann.send({"stream": "intval", "payload": {"action": "update", "pk": 10**9, "data": {"value": 1}}})
        await ann.until(lambda _: len(ann.frames) == 2)
        errors = [frame for frame in ann.frames if "error" in frame]
        assert errors == [{"stream": "intval", "error": {"reason": "gone"}}]


async def test_an_old_client_needs_only_the_new_url(server: AppServer, room: str, name: str) -> None:
    async with connect(f"{server.ws_url}/values/live?binding.json") as socket:
        assert socket.subprotocol is None
        data = {"name": name, "value": 3}
        await socket.send(json.dumps({"stream": "intval", "payload": {"action": "create", "data": data}}))
        async with asyncio.timeout(PATIENCE):
            while (frame := json.loads(await socket.recv()))["payload"]["data"] != data:
                pass
    assert (frame["stream"], frame["payload"]["action"]) == ("intval", "create")


async def test_two_streams_share_a_room_s_socket_and_its_seq(server: AppServer, others_room: str) -> None:
    async with bot(server, others_room) as ann, bot(server, others_room) as bob:
        assert [frame["stream"] for frame in ann.frames if "payload" in frame] == [
            "chat",
            "policy",
            "roomval",
            "preview",
        ]
        pk = await ann.create("roomval", name="tea")
        assert (await ann.ask("chat", "create", handle="ann", message="hi"))["accepted"] == {}
        assert (await ann.ask("chat", "create", handle="ann", message="/inc tea"))["accepted"] == {}
        await bob.until(lambda rows: rows["roomval"].get(pk) == {"name": "tea", "value": 1} and len(rows["chat"]) == 1)
        (said,) = bob.rows["chat"].values()
        assert (said["handle"], said["message"]) == ("ann", "hi")
        seqs = [frame["seq"] for frame in bob.frames if frame.get("seq")]
        assert seqs == sorted(seqs)
        seen = bob.copy.seq
        await bob.drop()
        await ann.ask("roomval", "delete", pk)
        await ann.ask("chat", "create", handle="ann", message="bye")
        await bob.connect()
        await bob.resume()
        assert bob.rows == ann.rows
        assert bob.copy.seq == seen + 2
        assert not any(frame["payload"]["action"] == "reset" for frame in bob.frames[4:] if "payload" in frame)


async def test_a_value_of_64_bits_arrives_whole(server: AppServer, name: str) -> None:
    async with bot(server) as ann:
        pk = await ann.create("intval", name=name, value=HIGHEST)
        await ann.until(lambda rows: rows["intval"].get(pk, {}).get("value") == HIGHEST)
        assert (await ann.ask("intval", "increment", pk))["error"]["problems"] == [
            {"field": "value", "reason": "too_large", "limit": HIGHEST}
        ]
        assert "accepted" in await ann.ask("intval", "update", pk, value=LOWEST)
        await ann.until(lambda rows: rows["intval"][pk]["value"] == LOWEST)
        assert (await ann.ask("intval", "increment", pk, by=-1))["error"]["problems"][0]["reason"] == "too_small"
        assert (await ann.ask("intval", "increment", pk, by=HIGHEST))["accepted"] == {"pk": pk}
        await ann.until(lambda rows: rows["intval"][pk]["value"] == -1)


PROBLEMS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no name": ({}, ("name", "missing")),
    "an empty name": ({"name": " "}, ("name", "blank")),
    "a long name": ({"name": "x" * 101}, ("name", "too_long")),
    "half a character": ({"name": "\ud800"}, ("name", "bad")),
    "a list": ({"name": ["x"]}, ("name", "bad")),
    "a text for a number": ({"name": "x", "value": "3"}, ("value", "not_a_number")),
    "true": ({"name": "x", "value": True}, ("value", "not_a_number")),
    "a fraction": ({"name": "x", "value": 1.5}, ("value", "not_a_number")),
    "infinity": ({"name": "x", "value": float("inf")}, ("value", "not_a_number")),
    "null": ({"name": "x", "value": None}, ("value", "missing")),
    "too much": ({"name": "x", "value": HIGHEST + 1}, ("value", "too_large")),
    "too little": ({"name": "x", "value": LOWEST - 1}, ("value", "too_small")),
    "another column": ({"name": "x", "room_id": 1}, ("room_id", "not_writable")),
    "the key": ({"name": "x", "id": 1}, ("id", "not_writable")),
    "no column": ({"name": "x", "\ud800": 1}, ("?", "not_writable")),
}


@pytest.mark.parametrize("kind", PROBLEMS)
async def test_what_is_invalid_is_told_by_field(server: AppServer, room: str, kind: str) -> None:
    data, (field, reason) = PROBLEMS[kind]
    async with bot(server, room) as ann:
        for action in ("create", "update"):
            if action == "update" and reason == "missing" and field == "name":
                continue
            pk = await ann.create("roomval", name="kept") if action == "update" else None
            answer = await ann.ask("roomval", action, pk, **data)
            assert answer["error"]["reason"] == "invalid"
            told = [(problem["field"], problem["reason"]) for problem in answer["error"]["problems"]]
            assert told == [(field, reason)]
            assert answer["stream"] == "roomval"
        await ann.resume(0)
        assert [row["name"] for row in ann.rows["roomval"].values()] in (["kept"], [])


async def test_a_name_that_is_taken_is_told(server: AppServer, room: str, name: str) -> None:
    taken = {"reason": "invalid", "problems": [{"field": "name", "reason": "taken", "limit": None}]}
    async with bot(server, room) as ann, bot(server) as bob:
        for client, stream in ((ann, "roomval"), (bob, "intval")):
            await client.create(stream, name=name)
            other = await client.create(stream, name=f"{name} 2")
            for action, pk in (("create", None), ("update", other)):
                assert (await client.ask(stream, action, pk, name=name))["error"] == taken


async def test_the_twenty_first_value_of_a_room_is_refused(server: AppServer, room: str) -> None:
    async with bot(server, room) as ann:
        for number in range(20):
            await ann.create("roomval", name=f"{number}")
        assert (await ann.ask("roomval", "create", name="one more"))["error"] == {"reason": "full"}


async def test_a_stale_edit_is_refused_with_what_is_there_and_its_version(server: AppServer, room: str) -> None:
    async with bot(server, room) as ann:
        pk = await ann.create("roomval", name="tea", value=1)
        for action, data in (("update", {"value": 5}), ("delete", {})):
            payload = {"action": action, "pk": pk, "data": data, "version": "?"}
            error = (await ann.asked({"stream": "roomval", "payload": payload}))["error"]
            assert error["reason"] == "stale"
            assert error["present"] == {"name": "tea", "value": 1 if action == "update" else 2}
            if action == "update":
                await ann.ask("roomval", "increment", pk)
                payload["version"] = error["version"]
                assert (await ann.asked({"stream": "roomval", "payload": payload}))["error"]["reason"] == "stale"
            else:
                payload["version"] = error["version"]
                assert "accepted" in await ann.asked({"stream": "roomval", "payload": payload})


async def test_a_row_of_another_group_is_out_of_reach(server: AppServer, room: str, name: str) -> None:
    async with bot(server, room) as ann, bot(server) as bob:
        pk = await bob.create("intval", name=name)
        for action, data in (("update", {"value": 1}), ("increment", {})):
            assert (await ann.ask("roomval", action, pk, **data))["error"] == {"reason": "gone"}
        await ann.ask("roomval", "delete", pk)
        await bob.resume(0)
        assert bob.rows["intval"][pk] == {"name": name, "value": 0}


def payload(action: object = "update", **more: object) -> dict[str, object]:
    return {"stream": "intval", "payload": {"action": action, **more}}


REFUSED: dict[str, tuple[object, str, dict[str, object]]] = {
    "no object": ("[]", "malformed", {}),
    "no JSON": ("{", "malformed", {}),
    "bytes": (b"{}", "malformed", {}),
    "too large": (json.dumps({"stream": "x" * 17_000}), "too_large", {}),
    "nothing": ({}, "unknown_stream", {}),
    "an action of nobody's": ({"action": "dance", "id": 1}, "unknown_stream", {"id": 1}),
    "another stream": ({**payload(), "stream": "chat", "id": "a"}, "unknown_stream", {"stream": "chat", "id": "a"}),
    "a stream that is no text": ({**payload(), "stream": 5, "id": 1}, "unknown_stream", {"id": 1}),
    "an empty stream": ({"stream": "", "payload": {"action": "resume"}, "id": 1}, "unknown_stream", {"id": 1}),
    "half a stream": ({**payload(), "stream": "\ud800", "id": 1}, "unknown_stream", {"id": 1}),
    "no payload": ({"stream": "intval", "id": 1}, "malformed", {"stream": "intval", "id": 1}),
    "a payload that is none": ({"stream": "intval", "payload": []}, "malformed", {"stream": "intval"}),
    "data that are none": (payload(data=[]), "malformed", {"stream": "intval"}),
    "another action": (payload("dance", pk=1), "unknown_action", {"stream": "intval"}),
    "a method's name": (payload("perform", pk=1), "unknown_action", {"stream": "intval"}),
    "an action that is no text": ({**payload(["create"]), "id": 3}, "unknown_action", {"stream": "intval", "id": 3}),
    "no pk": (payload(), "bad_field", {"stream": "intval"}),
    "a fraction for a pk": ({**payload(pk=1.5), "id": 3}, "bad_field", {"stream": "intval", "id": 3}),
    "a text for a pk": (payload(pk="x"), "bad_field", {"stream": "intval"}),
    "true for a pk": (payload(pk=True), "bad_field", {"stream": "intval"}),
    "a huge pk": (payload(pk=2**64), "bad_field", {"stream": "intval"}),
    "half a pk": ({**payload(pk="\ud800"), "id": 3}, "bad_field", {"stream": "intval", "id": 3}),
    "a list of versions": (payload(pk=1, version=[]), "bad_field", {"stream": "intval"}),
    "a step that is none": (payload("increment", pk=1, data={"by": 1.5}), "bad_field", {"stream": "intval"}),
    "a huge step": (payload("increment", pk=1, data={"by": 2**63}), "bad_field", {"stream": "intval"}),
    "an id that is a list": ({**payload(pk=1), "id": []}, "bad_field", {"stream": "intval"}),
    "a long id": ({**payload(pk=1), "id": "x" * 65}, "bad_field", {"stream": "intval"}),
    "half an id": ({**payload(pk=1), "id": "\ud800"}, "bad_field", {"stream": "intval"}),
    "what is not there": ({**payload(pk=10**12, data={}), "id": 3}, "gone", {"stream": "intval", "id": 3}),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_cannot_be_done_is_refused_with_its_reason(server: AppServer, kind: str) -> None:
    frame, reason, known = REFUSED[kind]
    async with bot(server, seq=None) as ann:
        await ann.send(frame)
        await ann.until(lambda _: any("error" in told for told in ann.frames))
        assert [told for told in ann.frames if "error" in told] == [{**known, "error": {"reason": reason}}]
        assert "accepted" in await ann.ask("intval", "delete", 10**12), "it lives"


async def test_too_much_at_once_is_refused_with_the_seconds_to_wait(serve: Callable[..., AppServer], room: str) -> None:
    async with bot(serve(RATE_LIMIT="3/day"), room) as ann:
        for number in range(3):
            await ann.create("roomval", name=f"{number}")
        error = (await ann.ask("roomval", "create", name="one more"))["error"]
        assert error["reason"] == "flooding"
        assert 0 < error["seconds"] <= 24 * 3600
        said = (await ann.ask("chat", "create", message="hi"))["error"]
        assert said["reason"] == "flooding"


async def test_a_bot_and_a_page_of_one_group_see_the_same(server: AppServer, name: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        page = Document((await http.get("/values/")).text)
        async with (
            bot(server) as ann,
            connect(f"{server.ws_url}/values/live", compression=None, max_size=None) as socket,
        ):
            pks = [await ann.create("intval", name=f"{name}-{number}") for number in range(4)]
            await ann.ask("intval", "update", pks[0], name=f"{name}-renamed")
            await ann.ask("intval", "increment", pks[1], by=41)
            await ann.ask("intval", "delete", pks[2])
            last = await ann.create("intval", name=f"{name}-last")
            await ann.until(lambda rows: last in rows["intval"])
            while page.by_id(f"value-{last}") is None:
                page.apply(str(await socket.recv()))
            fresh = Document((await http.get("/values/")).text)
            for each in (page, fresh):
                shown = {pk: element for pk in pks if (element := each.by_id(f"value-{pk}")) is not None}
                assert set(shown) == {pk for pk in pks if pk in ann.rows["intval"]}
                for pk, element in shown.items():
                    assert ann.rows["intval"][pk]["name"] in element.text_content()
                    assert str(ann.rows["intval"][pk]["value"]) in element.text_content()


async def test_a_bot_that_never_resumes_is_told_of_changes_only(server: AppServer, room: str) -> None:
    async with bot(server, room) as ann:
        old = await ann.create("roomval", name="old")
        await ann.until(lambda rows: old in rows["roomval"])
        async with bot(server, room, seq=None) as bob:
            await bob.asked({"action": "dance"})
            new = await ann.create("roomval", name="new")
            await bob.until(lambda rows: new in rows.get("roomval", {}))
            assert bob.rows == {"roomval": {new: {"name": "new", "value": 0}}}
            await ann.ask("roomval", "increment", old)
            await bob.until(lambda _: bool(moved(bob, old)))
            assert not any("seq" in frame or "resumed" in frame for frame in bob.frames)


async def test_a_message_with_a_field_that_nobody_may_write_is_refused(server: AppServer, room: str) -> None:
    async with bot(server, room) as ann:
        told = (await ann.ask("chat", "create", message="hi", timestamp="2020-01-01T00:00:00Z"))["error"]
        assert told == {
            "reason": "invalid",
            "problems": [{"field": "timestamp", "reason": "not_writable", "limit": None}],
        }
        assert "accepted" in await ann.ask("chat", "create", message="hi", handle="ann", nonce="n")
