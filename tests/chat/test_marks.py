"""A message carries the mark of the visitor who sent it: on pages and for bots, and nobody can choose it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.json_client import JsonClient
from tests.support.live_client import LiveClient
from webapp.live.marks import OF_VISITOR

TIME = re.compile(r"\d\dT\d\d:\d$")
"""Day, hour and ten minutes, which follow the mark on pages."""


def shown(client: LiveClient) -> list[str]:
    """The marks of the messages on the page, in its order."""
    rows = [row for row in client.page.document.root.iter("li") if row.get("data-key")]
    return [TIME.sub("", str(row.get("data-by"))) for row in rows]


async def test_a_visitor_has_one_mark_in_a_room_and_another_in_the_next(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        for client, name, text in ((ann, "ann", "1"), (ann, "ann", "2"), (ann, "bea", "3"), (bob, "ann", "4")):
            await client.say(name, text)
            await ann.until(lambda page, text=text: text in page.texts())  # type: ignore[misc]
        one, two, renamed, other = shown(ann)
        assert one == two
        assert renamed != one
        assert renamed[:OF_VISITOR] == one[:OF_VISITOR]
        assert other[:OF_VISITOR] != one[:OF_VISITOR]
        async with LiveClient(server.url, f"{room}-next", http=ann.http) as elsewhere:
            await elsewhere.say("ann", "5")
            await elsewhere.until(lambda page: page.texts() == ["5"])
            assert shown(elsewhere)[0][:OF_VISITOR] != one[:OF_VISITOR]


async def test_bots_are_told_of_marks_and_cannot_write_them(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, JsonClient(server.url, f"/{room}/live") as bot:
        await ann.say("ann", "hi")
        await ann.until(lambda page: page.texts() == ["hi"])
        await bot.until(lambda rows: bool(rows.get("chat")))
        (row,) = bot.rows["chat"].values()
        assert [row["mark"]] == shown(ann)
        refused = await bot.ask("chat", "create", message="I am ann", handle="ann", mark=row["mark"])
        assert refused["error"]["problems"] == [{"field": "mark", "reason": "not_writable", "limit": None}]


async def test_a_row_of_another_program_has_no_mark(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        with closing(sqlite3.connect(server.database, timeout=20)) as other, other:
            other.execute(
                "INSERT INTO message(room_id, handle, message) SELECT id, 'psql', 'hi' FROM room WHERE label = ?",
                (room,),
            )
        await ann.until(lambda page: page.texts() == ["hi"])
        assert shown(ann) == [""]


async def test_a_visitors_page_names_a_sheet_for_the_visitors_own_messages(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("ann", "hi")
        await bob.until(lambda page: page.texts() == ["hi"])
        (mark,) = shown(bob)
        sheets = []
        for client in (ann, bob):
            (path,) = [
                str(link.get("href"))
                for link in client.page.document.root.iter("link")
                if "/me/" in str(link.get("href"))
            ]
            answer = await client.http.get(path)
            assert answer.headers["content-type"].startswith("text/css")
            assert "Set-Cookie" not in answer.headers
            sheets.append(answer.text)
        assert f'[data-by^="{mark[:OF_VISITOR]}"]' in sheets[0]
        assert mark[:OF_VISITOR] not in sheets[1]


@pytest.mark.parametrize(
    "text", ["", "x", "aAaCaEaGa}", "aAaCaEaG", "aAaCaEaGaa", '"]{}a{', "aAaCaEaGa%0A", "aAaCaEaG%C3%A4"]
)
async def test_nothing_but_a_mark_comes_into_such_a_sheet(server: AppServer, text: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get("/me/aAaCaEaGa.css")).status_code == 200
        assert (await http.get(f"/me/{text}.css")).status_code == 404
