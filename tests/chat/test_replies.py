"""A reply quotes another message, and its quote follows that message, whoever changes it."""

from __future__ import annotations

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.databases import Database
from tests.support.json_client import JsonClient
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from webapp.chat.models import QUOTE

INSERT = "INSERT INTO message (id, room_id, handle, message, reply_to) VALUES ({}, {}, '{}', '{}', {})"


async def quotes(database: Database) -> list[tuple[object, ...]]:
    return await database.one.run("SELECT id, reply_to, quoted_handle, quoted_text FROM message ORDER BY id")


async def test_the_quote_is_the_other_message_as_it_is_now(database: Database) -> None:
    two = database.two
    await two.run(INSERT.format(1, 1, "ann", "x" * 300, "NULL"))
    await two.run(INSERT.format(2, 1, "bob", "yes", 1))
    await two.run(INSERT.format(3, 1, "cy", "no", 1))
    assert await quotes(database) == [
        (1, None, "", ""),
        (2, 1, "ann", "x" * QUOTE),
        (3, 1, "ann", "x" * QUOTE),
    ]
    await two.run("UPDATE message SET message = 'short', handle = 'Ann' WHERE id = 1")
    assert (await quotes(database))[1:] == [(2, 1, "Ann", "short"), (3, 1, "Ann", "short")]
    await two.run("UPDATE message SET message = message || '!'")
    assert (await quotes(database))[1:] == [(2, 1, "Ann", "short!"), (3, 1, "Ann", "short!")]
    await two.run("DELETE FROM message WHERE id = 1")
    assert await quotes(database) == [(2, 1, "", ""), (3, 1, "", "")]


async def test_each_change_of_a_quote_is_a_change_of_the_reply(database: Database) -> None:
    await database.two.run(INSERT.format(1, 1, "ann", "one", "NULL"))
    await database.two.run(INSERT.format(2, 1, "bob", "two", 1))
    before = (await database.heads())["room:1"]
    await database.two.run("UPDATE message SET message = 'eins' WHERE id = 1")
    await database.two.run("DELETE FROM message WHERE id = 1")
    told = [(one.action, one.pk) for one in await database.log.after("room:1", before, 100)]
    assert set(told) == {("update", "1"), ("update", "2"), ("delete", "1")}
    assert told.count(("update", "2")) == 2


@pytest.mark.parametrize("origin", ["1", "3", "99"], ids=["of another room", "itself", "none"])
async def test_nothing_is_quoted_that_is_no_other_message_of_the_room(database: Database, origin: str) -> None:
    await database.two.run(INSERT.format(1, 2, "ann", "secret", "NULL"))
    await database.two.run(INSERT.format(3, 1, "bob", "yes", origin))
    assert (await quotes(database))[-1] == (3, None, "", "")
    await database.two.run("UPDATE message SET message = 'still secret' WHERE id = 1")
    assert (await quotes(database))[-1] == (3, None, "", "")


async def test_a_replaced_message_is_quoted_as_it_is_then(sqlite: Database) -> None:
    await sqlite.two.run(INSERT.format(1, 1, "ann", "one", "NULL"))
    await sqlite.two.run(INSERT.format(2, 1, "bob", "two", 1))
    await sqlite.two.run(INSERT.format(1, 1, "ann", "eins", "NULL").replace("INSERT", "REPLACE"))
    assert (await quotes(sqlite))[-1] == (2, 1, "ann", "eins")


def said(server: AppServer, room: str, text: str) -> int:
    """Have somebody say it, and return its id."""
    httpx.get(f"{server.url}/{room}/")
    httpx.post(f"{server.url}/{room}/", data={"handle": "Ann", "message": text})
    found = shell(
        server.database,
        f"SELECT id FROM message WHERE message = '{text}' AND room_id = (SELECT id FROM room WHERE label = '{room}')",
    )
    return int(found[0][0])


async def test_a_reply_shows_its_quote_in_every_page_and_then_no_further_one(server: AppServer, room: str) -> None:
    origin = said(server, room, "Who brings the tent?")
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        chosen = await ann.http.get(f"/{room}/messages/{origin}/reply", headers={"HX-Request": "true"})
        ann.page.apply(f'<hx-partial hx-target="#replying">{chosen.text.partition("<hx-partial")[0]}</hx-partial>')
        assert "Who brings the tent?" in ann.page.text_of("replying")
        assert ann.page.fields("composer")["reply_to"] == str(origin)
        await ann.say("Bob", "I do")
        await ann.until(lambda page: page.text_of("replying") == "")
        await ann.say("Bob", "And the boat")
        await bob.until(lambda page: len(page.texts()) == 3)
        assert ann.page.texts() == bob.page.texts() == ["Who brings the tent?", "I do", "And the boat"]
        page = (await bob.http.get(f"/{room}/")).text
    assert page.count("<blockquote") == 1
    assert f'<a href="messages/{origin}"><b>Ann</b> Who brings the tent?</a>' in page


def test_without_scripts_the_page_has_the_quote_in_the_composer_and_keeps_it_when_refused(
    server: AppServer, room: str
) -> None:
    origin = said(server, room, "Who brings the tent?")
    with httpx.Client(base_url=server.url) as http:
        page = http.get(f"/{room}/?reply={origin}").text
        assert 'http-equiv="refresh"' not in page
        fields = PageModel(page).fields("composer")
        assert fields["reply_to"] == str(origin)
        refused = http.post(f"/{room}/", data={**fields, "handle": "bob", "message": "x" * 2001})
        assert refused.status_code == 422
        fields = PageModel(refused.text).fields("composer")
        assert fields["reply_to"] == str(origin)
        assert http.post(f"/{room}/", data={**fields, "message": "I do"}).status_code == 303
        after = http.get(f"/{room}/").text
        assert after.count("<blockquote") == 1
        assert "reply_to" not in PageModel(after).fields("composer")
        # A message that has gone meanwhile is no reason to refuse what was typed.
        assert http.post(f"/{room}/", data={"message": "later", "reply_to": "999999"}).status_code == 303
        assert http.post(f"/{room}/", data={"message": "odd", "reply_to": "x'; --"}).status_code == 303
        assert http.get(f"/{room}/").text.count("<blockquote") == 1


async def test_a_bot_replies_and_is_told_of_quotes(server: AppServer, room: str) -> None:
    origin = said(server, room, "one")
    async with JsonClient(server.url, f"/{room}/live") as bot:
        for name in (origin, str(origin)):
            assert "accepted" in await bot.ask("chat", "create", message=f"re {name!r}", reply_to=name)
        await bot.until(
            lambda rows: [row["quoted_text"] for row in rows.get("chat", {}).values()] == ["", "one", "one"]
        )
        assert "error" in await bot.ask("chat", "create", message="x", reply_to=[1])


def test_a_message_shows_what_one_can_do_with_it(server: AppServer, room: str) -> None:
    origin = said(server, room, "<b>one</b>")
    for path in (f"/{room}/messages/{origin}", f"/{room}/messages/{origin}/reply"):
        menu = httpx.get(f"{server.url}{path}", headers={"HX-Request": "true"})
        assert "&lt;b&gt;one" in menu.text
        assert "<html" not in menu.text
        assert httpx.get(f"{server.url}{path}9", headers={"HX-Request": "true"}).status_code == 404
    assert "<html" in httpx.get(f"{server.url}/{room}/messages/{origin}").text
