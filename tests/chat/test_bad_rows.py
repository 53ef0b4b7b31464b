"""A bad row that another program has written harms itself alone, on a real server."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient

LATIN = "CAST(X'636166E9' AS TEXT)"
"""Bytes that are no UTF-8, as a program writes them that knows only Latin-1."""

BAD = ["'yesterday'", "''", "'14/05/2026 10:00'", "X'00FF'", "1e300"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with AppServer(tmp_path_factory.mktemp("bad-rows")) as running:
        yield running
    running.check()


@contextmanager
def outside(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program, with foreign keys off, as `sqlite3` has them."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
        yield connection


def told(server: AppServer) -> int:
    return server.log().count("is left out until it is repaired")


async def test_bytes_that_are_no_text_on_the_board_harm_nothing_else(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, httpx.AsyncClient(base_url=server.url) as http:
        with outside(server.database) as other:
            other.execute(f"INSERT INTO integervalue (name, value) VALUES ({LATIN}, 1)")
            other.execute("INSERT INTO integervalue (name, value) VALUES ('tea', 7)")
            for _ in range(2):
                page = await http.get("/values/")
                assert page.status_code == 200
                assert "tea" in page.text
                assert "caf" not in page.text
            assert told(server) == 1
            assert "integervalue 1 is left out until it is repaired: column name: not a text in UTF-8" in server.log()
            # The process reads what is new, and writes.
            other.execute("UPDATE integervalue SET value = 8 WHERE name = 'tea'")
            assert ">8<" in "".join((await http.get("/values/")).text.split())
            await ann.say("ann", "hello")
            await ann.until(lambda page: page.texts() == ["hello"])
            assert (await http.post("/new/")).status_code == 303
            other.execute("DELETE FROM integervalue")
            assert "tea" not in (await http.get("/values/")).text
            assert (await http.get("/healthz")).text == "ok"


@pytest.mark.parametrize("column", ["message", "handle", "timestamp"])
async def test_a_message_that_cannot_be_read_is_missing_from_the_room_and_shows_when_it_is_repaired(
    server: AppServer, room: str, column: str
) -> None:
    bad = BAD if column == "timestamp" else [LATIN, "X'00FF'"]
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, f"{room}-other") as bob:
        await ann.say("ann", "first")
        await ann.until(lambda page: page.texts() == ["first"])
        with outside(server.database) as other:
            (number,) = other.execute("SELECT id FROM room WHERE label = ?", [room]).fetchone()
            before = told(server)
            ids = []
            for value in bad:
                values = {"handle": "'bot'", "message": "'good'", "timestamp": "CURRENT_TIMESTAMP", column: value}
                columns, given = ", ".join(["room_id", *values]), ", ".join([str(number), *values.values()])
                ids.append(other.execute(f"INSERT INTO message ({columns}) VALUES ({given})").lastrowid)
            await ann.say("ann", "last")
            await bob.say("bob", "elsewhere")
            await ann.until(lambda page: page.texts() == ["first", "last"])
            await bob.until(lambda page: page.texts() == ["elsewhere"])
            async with LiveClient(server.url, room) as late:
                assert late.page.texts() == ["first", "last"]
                assert told(server) - before == len(bad)
                other.execute(
                    f"UPDATE message SET message = 'good', handle = 'bot', timestamp = CURRENT_TIMESTAMP"
                    f" WHERE id IN ({', '.join(map(str, ids))})"
                )
                for each in (ann, late):
                    await each.until(lambda page: page.texts() == ["first", *["good"] * len(bad), "last"])
                assert other.execute("SELECT count(*) FROM live_unreadable").fetchone() == (0,)


async def test_the_history_goes_on_behind_messages_that_cannot_be_read(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        await http.get(f"/{room}/")
        with outside(server.database) as other:
            (number,) = other.execute("SELECT id FROM room WHERE label = ?", [room]).fetchone()
            rows = [(number, "the oldest", None), *((number, "bad", "x") for _ in range(120))]
            other.executemany(
                "INSERT INTO message (room_id, handle, message, timestamp)"
                " VALUES (?, 'bot', ?, coalesce(?, CURRENT_TIMESTAMP))",
                rows,
            )
        page = await http.get(f"/{room}/")
        for _ in range(3):
            assert page.status_code == 200
            if "the oldest" in page.text:
                return
            before = page.text.split("messages?before=")[1].split('"')[0]
            page = await http.get(f"/{room}/messages?before={before}")
        assert "the oldest" in page.text


async def test_a_room_that_cannot_be_read_is_closed_alone(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get(f"/{room}/")).status_code == 200
        with outside(server.database) as other:
            other.execute(f"UPDATE room SET name = {LATIN} WHERE label = ?", [room])
            assert (await http.get(f"/{room}/")).status_code == 503
            assert (await http.get(f"/{room}-other/")).status_code == 200
            other.execute("UPDATE room SET name = label WHERE label = ?", [room])
            assert (await http.get(f"/{room}/")).status_code == 200


async def test_a_log_that_makes_no_sense_stops_no_page(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "1")
        await ann.until(lambda page: page.texts() == ["1"])
        with outside(server.database) as other:
            (number,) = other.execute("SELECT id FROM room WHERE label = ?", [room]).fetchone()
            add = "INSERT INTO live_change (group_name, seq, stream, pk, action) VALUES (?, ?, ?, ?, ?)"
            group = f"room:{number}"
            (head,) = other.execute("SELECT head FROM live_group WHERE name = ?", [group]).fetchone()
            for row in (("text", "chat", "1", "create"), (head + 10**9, "chat", "1", "create")):
                other.execute(add, [group, *row])
            senseless = [("chat", "x", "create"), ("nowhere", "1", "create"), ("chat", "1", "?")]
            for turn, change in enumerate(senseless, 2):
                with other:
                    other.execute("BEGIN")
                    other.execute("UPDATE live_group SET head = head + 1 WHERE name = ?", [group])
                    (head,) = other.execute("SELECT head FROM live_group WHERE name = ?", [group]).fetchone()
                    other.execute(add, [group, head, *change])
                await ann.say("ann", str(turn))
                await ann.until(lambda page, n=turn: page.texts() == [str(i) for i in range(1, n + 1)])  # type: ignore[misc]
            # The group's number itself.
            for bad in ("'x'", "1"):
                other.execute(f"UPDATE live_group SET head = {bad} WHERE name = ?", [group])
                turn += 1
                await ann.say("ann", str(turn))
                await ann.until(lambda page, n=turn: page.texts() == [str(i) for i in range(1, n + 1)])  # type: ignore[misc]


async def test_no_message_of_a_room_that_was_deleted_shows_in_a_new_one(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "secret")
        await ann.until(lambda page: page.texts() == ["secret"])
        await ann.say("ann", "/set score 3")
        with outside(server.database) as other:
            while other.execute("SELECT count(*) FROM integervalue WHERE name = 'score'").fetchone() == (0,):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            (number,) = other.execute("SELECT id FROM room WHERE label = ?", [room]).fetchone()
            other.execute("DELETE FROM room WHERE id = ?", [number])
            await ann.until(lambda page: page.texts() == [])
            assert other.execute("SELECT count(*) FROM message WHERE room_id = ?", [number]).fetchone() == (0,)
            assert other.execute("SELECT count(*) FROM integervalue WHERE room_id = ?", [number]).fetchone() == (0,)
            other.execute("DELETE FROM sqlite_sequence WHERE name = 'room'")
            other.execute("INSERT INTO room (id, name, label) VALUES (?, 'new', ?)", [number, f"{room}-new"])
    async with LiveClient(server.url, f"{room}-new") as bob:
        assert bob.page.texts() == []
        await bob.say("bob", "mine")
        await bob.until(lambda page: page.texts() == ["mine"])
        with outside(server.database) as other:
            # The same row, as far as an upsert and an insert that is ignored are concerned; another one by REPLACE.
            other.execute("INSERT OR IGNORE INTO room (name, label) VALUES ('x', ?)", [f"{room}-new"])
            other.execute(
                "INSERT INTO room (name, label) VALUES ('x', ?) ON CONFLICT (label) DO UPDATE SET name = 'y'",
                [f"{room}-new"],
            )
            assert other.execute("SELECT count(*) FROM message WHERE message = 'mine'").fetchone() == (1,)
            other.execute("INSERT OR REPLACE INTO room (name, label) VALUES ('z', ?)", [f"{room}-new"])
            assert other.execute("SELECT count(*) FROM message WHERE message = 'mine'").fetchone() == (0,)


async def test_a_database_that_takes_no_write_is_not_called_healthy(server: AppServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        with outside(server.database) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = [await http.get("/healthz") for _ in range(3)]
            while answers[-1].status_code == 200:  # something was committed just now
                answers.append(await http.get("/healthz"))
            assert answers[-1].status_code == 503
            assert answers[-1].text.startswith("no write can succeed: ")
            other.execute("ROLLBACK")
        while (await http.get("/healthz")).status_code == 503:
            pass
        # A line for each cause (it does not answer, and after a while: it is locked), and none for each question.
        assert 1 <= server.log().count("no write can succeed") <= 2
