"""The log goes to standard output, one line an event: for people, or as JSON that programs can read."""

from __future__ import annotations

import asyncio
import json
import logging
import logging.config
import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.handshakes import status_of
from tests.support.live_client import LiveClient
from tests.support.patience import eventually
from webapp.cli import UNUSABLE
from webapp.live.visitor import visitor_of_task
from webapp.log_lines import JsonFormatter, logging_config
from webapp.operations.request_ids import request_id

ODD_REQUESTS = (
    b"GET /%0d%0aforged%1b[2J HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /\xff\xfe\xc3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /%ff%fe?q=%00%e2%80%a8 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b'GET /"quoted\\"/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: \xe2\x80\xae\x1bforged\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://forged\x9b.example\r\nContent-Length: 0\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\n\r\n",
    b"NOTHING\r\n\r\n",
)


def ask(server: AppServer, request: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


async def all_of(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def disturb(server: AppServer, room: str) -> None:
    """Everything that clients can have the server log."""
    for request in ODD_REQUESTS:
        ask(server, request)
    async with LiveClient(server.url, room) as ann:
        await ann.say("Zarathustra", "a text of a visitor")
        await ann.until(lambda page: page.texts() == ["a text of a visitor"])
        await ann.say("Zarathustra\u2028forged\x1b[2J", "")
    async with connect(f"{server.ws_url}/{room}/live") as broken:
        for text in ("{", '{"stream": "\\u001b[2J\\n", "action": 1}', "[]", '{"a text of a visitor": "\\ud800"}'):
            await broken.send(text)
        await broken.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed):
            await all_of(broken)
    url, headers = f"{server.ws_url}/{room}/live", {"Origin": "https://forged.example"}
    assert await asyncio.to_thread(status_of, url, server.port, headers) == 403


def records(server: AppServer) -> list[dict[str, Any]]:
    lines = server.log().splitlines()
    assert lines
    found = [json.loads(line) for line in lines]
    assert all(isinstance(one, dict) for one in found)
    return found


async def test_every_line_of_a_run_is_a_json_object(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(LOG_FORMAT="json")
    await disturb(server, room)
    server.restart()
    found = records(server)
    for one in found:
        assert {"time", "level", "logger", "message", "process"} <= one.keys(), one
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", one["time"])
        assert server.log().isascii()
    access = [one for one in found if one["logger"] == "uvicorn.access"]
    page, *_ = [one for one in access if one.get("path") == f"/{room}/"]
    assert (page["method"], page["status"], page["client"].split(":")[0]) == ("GET", 200, "127.0.0.1")
    assert re.fullmatch(r"[0-9a-f]{8}", page["request"])
    assert len(page["visitor"]) == 8
    ids = [one["request"] for one in access if "path" in one]
    assert len(set(ids)) == len(ids)
    # What a socket's frames lead to carries the id of its handshake.
    refused = [one for one in found if one["message"].startswith("refused a frame")]
    assert len(refused) >= 4
    opened = {one["request"] for one in found if "[accepted]" in one["message"]}
    assert {one["request"] for one in refused} <= opened
    assert all(one["message"].split()[5].rstrip(":") == one["visitor"] for one in refused)


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_nothing_that_visitors_write_is_in_the_log(
    serve: Callable[..., AppServer], room: str, log_format: str
) -> None:
    server = serve(LOG_FORMAT=log_format)
    await disturb(server, room)
    assert "refused a frame" in server.log()
    for text in ("text of a visitor", "Zarathustra", "forged\x1b"):
        assert text not in server.log()


async def test_a_line_for_people_ends_with_the_ids(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        await http.get(f"/{room}/")
    line = (
        rf'^\S+ \S+ INFO uvicorn\.access: \S+ - "GET /{room}/ HTTP/1.1" 200 \(request [0-9a-f]{{8}}, visitor \S{{8}}\)$'
    )
    await eventually(lambda: re.search(line, server.log(), re.MULTILINE), server.log)


def test_a_server_logs_to_standard_output_and_nothing_elsewhere(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'exec "$0" -m webapp serve 2> "$1"', sys.executable, str(tmp_path / "errors"))
    # The option is ignored with a warning before the server itself begins.
    env = {"DATABASE_URL": f"sqlite://{tmp_path}/x.sqlite3?uri=true"}
    with AppServer(tmp_path, env, command=command) as server:
        assert "ignoring what has no effect here" in server.log()
        assert "Application startup complete" in server.log()
    assert "Finished server process" in server.log()
    assert (tmp_path / "errors").read_text() == ""


def test_a_wrong_format_stops_every_command_but_the_check_which_reports_it(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite://{tmp_path}/x.sqlite3", "LOG_FORMAT": "xml", "METRICS_TOKEN": "short"}
    for command in ("serve", "work", "migrate", "tasks"):
        done = webapp(command, **env)
        assert (done.returncode, done.stdout) == (UNUSABLE, "")
        assert done.stderr.startswith("webapp: LOG_FORMAT=")
    done = webapp("check", **env)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("error: ")


def test_a_worker_logs_to_standard_output_and_a_command_does_not(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite://{tmp_path}/x.sqlite3?uri=true", "LOG_FORMAT": "json"}
    ignored = "ignoring what has no effect here"
    # The worker stops after its first lines, since it may not run any task.
    working, migrating = webapp("work", **env, TASKS="off"), webapp("migrate", **env)
    assert ignored in json.loads(working.stdout.splitlines()[0])["message"]
    assert ignored in json.loads(migrating.stderr.splitlines()[0])["message"]
    assert migrating.stdout == ""


@pytest.fixture
def restored() -> Iterator[None]:
    before = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)


@pytest.mark.usefixtures("restored")
def test_what_the_encoding_of_standard_output_lacks_is_escaped_and_not_lost(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(1, "w", encoding="ascii", closefd=False) as narrow:
        monkeypatch.setattr(sys, "stdout", narrow)
        logging.config.dictConfig(logging_config(False))
        logging.getLogger("x").info("a room called %s \udcff", "☃")
    out, err = capfd.readouterr()
    assert "a room called \\u2603 \\udcff" in out
    assert err == ""


@given(st.text(), st.text())
@example("\x1b[2J\r\n\u2028\udcff", "\x00")
def test_a_record_is_one_line_of_json_whatever_is_in_it(text: str, name: str) -> None:
    cause = ValueError(text)
    record = logging.LogRecord(name, logging.ERROR, "file", 1, "said: %s", (text,), (ValueError, cause, None))
    line = JsonFormatter().format(record)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    found = json.loads(line)
    assert found["message"] == f"said: {text}"
    assert "ValueError" in found["exception"]


def test_ids_are_told_only_where_there_are_any() -> None:
    (filtering,) = (logging_config(True)["filters"]["ids"]["()"](),)
    record = logging.LogRecord("x", logging.INFO, "file", 1, "done", (), None)
    assert filtering.filter(record)
    assert not {"request", "visitor"} & json.loads(JsonFormatter().format(record)).keys()
    tokens = (request_id.set("1a2b3c4d"), visitor_of_task.set("abcdefghijkl"))
    try:
        filtering.filter(record)
    finally:
        request_id.reset(tokens[0])
        visitor_of_task.reset(tokens[1])
    found = json.loads(JsonFormatter().format(record))
    assert (found["request"], found["visitor"]) == ("1a2b3c4d", "abcdefgh")
