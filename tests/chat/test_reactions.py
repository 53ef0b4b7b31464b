"""Visitors react to messages by emoji, each by each emoji once, and every page counts the same."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chat.test_replies import said
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.databases import Database, PostgresDatabases, opened
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.postgres_server import PostgresServer
from webapp.chat.models import Message
from webapp.chat.reactions import KINDS, counts_of, emoji_of

FAMILY, SCOTLAND = "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"


@pytest.mark.parametrize("text", ["👍", "👍🏽", "🇱🇹", FAMILY, SCOTLAND, "1️⃣", "#️⃣", "❤️", "☕", "🫨", " 🎉 "])
def test_an_emoji_is_one(text: str) -> None:
    assert emoji_of(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "👍👍",
        "👍 👍",
        "ab",
        "<b>",
        "é",
        "中",
        ":",
        "\u200d",
        "\ufe0f",
        "🇱",
        "👍" + "\u0300" * 40,
        "©x",
    ],
)
def test_what_is_no_emoji_is_none(text: str) -> None:
    assert emoji_of(text) is None


def test_two_forms_of_one_emoji_are_one() -> None:
    assert emoji_of("❤") == emoji_of("❤️") == "❤️"


def give(message: int, visitor: str, emoji: str) -> str:
    return (
        f"INSERT INTO reaction (message_id, visitor, emoji) VALUES ({message}, '{visitor}', '{emoji}')"
        " ON CONFLICT DO NOTHING"
    )


def take(message: int, visitor: str, emoji: str) -> str:
    return f"DELETE FROM reaction WHERE message_id = {message} AND visitor = '{visitor}' AND emoji = '{emoji}'"


STATEMENTS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([1, 2]), st.sampled_from("abc"), st.sampled_from(["👍", "🎉", "1️⃣"])),
    max_size=15,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STATEMENTS)
async def test_the_counts_are_those_of_the_reactions_whoever_writes_them(
    database: Database, statements: list[tuple[bool, int, str, str]]
) -> None:
    await database.empty()
    for pk in (1, 2):
        await database.one.run(f"INSERT INTO message (id, room_id, handle, message) VALUES ({pk}, 1, 'ann', 'x')")
    given_now: set[tuple[int, str, str]] = set()
    for gives, message, visitor, emoji in statements:
        await database.two.run((give if gives else take)(message, visitor, emoji))
        (given_now.add if gives else given_now.discard)((message, visitor, emoji))
    for message, text in await database.one.run("SELECT id, reactions FROM message ORDER BY id"):
        expected = Counter(emoji for pk, _, emoji in given_now if pk == message)
        assert counts_of(Message(reactions=text)) == expected
    await database.one.run("DELETE FROM message WHERE id = 1")
    assert await database.one.run("SELECT count(*) FROM reaction WHERE message_id = 1") == [(0,)]
    assert await database.one.run("SELECT count(*) FROM reaction_count WHERE message_id = 1") == [(0,)]


async def test_two_programs_that_react_at_once_are_both_counted(database: Database) -> None:
    await database.one.run("INSERT INTO message (id, room_id, handle, message) VALUES (1, 1, 'ann', 'x')")

    async def many(session: str) -> None:
        program = getattr(database, session)
        for number in range(40):
            await program.run(give(1, f"{session}-{number}", "👍🎉"[number % 2]))

    await asyncio.gather(many("one"), many("two"))
    assert await database.one.run("SELECT reactions FROM message") == [("👍:40 🎉:40",)]


async def test_a_reaction_that_waits_for_another_one_counts_it_too(postgres: PostgresServer, migrated: str) -> None:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with opened(PostgresDatabases(postgres, migrated).migrated()) as database:
        await database.one.run("INSERT INTO message (id, room_id, handle, message) VALUES (1, 1, 'ann', 'x')")
        await database.one.run("BEGIN")
        await database.one.run(give(1, "a", "👍"))
        later = asyncio.create_task(database.two.run(give(1, "b", "🎉")))
        while await database.one.run(waits) == [(0,)]:  # noqa: ASYNC110 - the database alone knows
            await asyncio.sleep(0.01)
        await database.one.run("COMMIT")
        await later
        assert await database.one.run("SELECT reactions FROM message") == [("👍:1 🎉:1",)]


async def test_a_reaction_shows_in_every_page_and_goes_when_it_is_taken_back(server: AppServer, room: str) -> None:
    pk = said(server, room, "one")
    url, form = f"/{room}/messages/{pk}/reactions", {"emoji": "👍"}
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        name = f"reactions-{pk}"
        for http in (ann.http, bob.http):
            answer = await http.post(url, data=form, headers={"HX-Request": "true"})
            assert 'aria-pressed="true"' in answer.text
        for page in (ann, bob):
            await page.until(lambda shown: shown.text_of(name) == "👍 2")
        frames = len(bob.frames)
        await ann.http.post(url, data=form)
        await bob.until(lambda shown: shown.text_of(name) == "👍 1")
        assert not any("<li" in frame for frame in bob.frames[frames:]), "the message itself is not sent again"
        await bob.http.post(url, data=form)
        await ann.until(lambda shown: shown.document.by_id(name) is None)
        await bob.http.post(url, data={"other": "🦊"})
        await ann.until(lambda shown: shown.text_of(name) == "🦊 1")
        # A page that is loaded later, and one whose message changes, show them too.
        assert PageModel((await ann.http.get(f"/{room}/")).text).text_of(name) == "🦊 1"
        shell(server.database, f"UPDATE message SET message = 'eins' WHERE id = {pk}")
        await ann.until(lambda shown: shown.texts() == ["eins"])
        assert ann.page.text_of(name) == "🦊 1"


def test_what_is_no_emoji_or_too_much_is_refused_and_changes_nothing(server: AppServer, room: str) -> None:
    pk = said(server, room, "one")
    url = f"{server.url}/{room}/messages/{pk}/reactions"
    for text in ("", "<b>", "👍👍", "x" * 3000):
        assert httpx.post(url, data={"emoji": text}).status_code == 422
        answer = httpx.post(url, data={"emoji": text}, headers={"HX-Request": "true"})
        assert "That is no emoji, or more than one." in answer.text
    with httpx.Client() as http:
        http.get(f"{server.url}/{room}/")
        for number in range(KINDS):
            assert http.post(url, data={"emoji": chr(0x1F400 + number)}).status_code == 303
        assert "as many kinds" in http.post(url, data={"emoji": "👍"}, headers={"HX-Request": "true"}).text
        assert http.post(url, data={"emoji": chr(0x1F400)}).status_code == 303
        assert http.post(url, data={"emoji": "👍"}).status_code == 303
    found = shell(server.database, f"SELECT count(*), sum(number) FROM reaction_count WHERE message_id = {pk}")
    assert found == [[str(KINDS), str(KINDS)]]
    assert httpx.post(f"{url}x", data={"emoji": "👍"}).status_code == 404
    assert httpx.post(f"{server.url}/{room}/messages/{pk + 999}/reactions", data={"emoji": "👍"}).status_code == 404


async def test_who_reacts_too_often_is_told_so(serve: Callable[..., AppServer], room: str) -> None:
    server = await asyncio.to_thread(serve, RATE_LIMIT="3/minute")
    async with httpx.AsyncClient(base_url=server.url) as http:
        await http.get(f"/{room}/")
        await http.post(f"/{room}/", data={"handle": "ann", "message": "one"})
        (row,) = PageModel((await http.get(f"/{room}/")).text).messages()
        url, form = f"/{room}/messages/{row.id}/reactions", {"emoji": "👍"}
        told = ""
        while "That was a lot at once. Try again in a moment." not in told:
            told = (await http.post(url, data=form, headers={"HX-Request": "true"})).text
        assert (await http.post(url, data=form)).status_code == 429


def test_the_links_in_a_message_lead_to_messages_from_the_page_of_a_message_too(server: AppServer, room: str) -> None:
    pk = said(server, room, "one")
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        http.post(f"/{room}/", data={"message": "two", "reply_to": str(pk)})
        reply = PageModel(http.get(f"/{room}/").text).messages()[-1].id
        http.post(f"/{room}/messages/{reply}/reactions", data={"emoji": "👍"})
        for path in (f"/{room}/", f"/{room}/messages", f"/{room}/messages/{reply}"):
            page = http.get(path)
            links = set(re.findall(r'<a href="(messages/\d+)"', page.text))
            assert {f"messages/{pk}", f"messages/{reply}"} <= links
            for link in links:
                assert http.get(str(page.url.join(link))).status_code == 200, (path, link)


def test_only_who_may_write_in_a_room_reacts_in_it(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url) as owner, httpx.Client(base_url=server.url) as guest:
        owner.get(f"/{room}/")
        owner.post(f"/{room}/", data={"handle": "Ann", "message": "one"})
        (row,) = PageModel(owner.get(f"/{room}/").text).messages()
        url = f"/{room}/messages/{row.id}/reactions"
        owner.post(f"/{room}/settings", data={"act": "rules", "is_locked": "on"})
        assert guest.post(url, data={"emoji": "👍"}).status_code == 403
        assert 'id="reacting"' not in guest.get(f"/{room}/messages/{row.id}").text
        assert owner.post(url, data={"emoji": "👍"}).status_code == 303
        owner.post(f"/{room}/settings", data={"act": "passphrase", "passphrase": "open sesame"})
        answer = guest.post(url, data={"emoji": "🎉"})
        assert answer.status_code == 403
        assert "👍" not in answer.text
