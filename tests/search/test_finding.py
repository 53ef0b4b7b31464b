"""Messages are found by their words, whoever wrote them, in scripts with and without spaces, on both databases."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from tests.support.databases import Database
from webapp.chat.models import PAGE, Room
from webapp.live.database import literal
from webapp.search.asked import Asked, asked_by
from webapp.search.finding import find_messages
from webapp.search.matching import ALIKE
from webapp.search.terms import UNSPACED, excerpt, terms_of

ROOM = Room(id=1, name="one", label="one")


async def write(database: Database, *texts: str, handle: str = "ann", room: int = 1) -> None:
    for text in texts:
        values = f"{room}, {literal(handle)}, {literal(text)}"
        await database.two.run(f"INSERT INTO message (room_id, handle, message) VALUES ({values})")


async def found(room: Room = ROOM, before: int | None = None, **fields: str) -> list[str]:
    asked = asked_by(QueryParams(fields))
    return [message.message for message in (await find_messages(room, asked, before)).messages]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Meet me at the harbour", "harbour"),
        ("Meet me at the harbour", "HARB"),
        ("Meet me at the harbour", "harb meet"),
        ("Meet me at the harbour", '"at the harbour"'),
        ("a well-known place", "well-known"),
        ("a well-known place", "known"),
        ("see example.com/tea_time", "example"),
        ("see example.com/tea_time", "time"),
        ("see example.com/tea_time", "tea_ti"),
        ("it costs 3.14", "3.14"),
        ("room 007 is free", "007"),
        ("Ąžuolas ir žolė", "ąžuol"),
        ("Ąžuolas ir žolė", "azuolas"),
        ("Ąžuolas ir žolė", "ŽOLE"),
        ("ĄŽUOLAS", "ąžuolas"),
        ("A\u0328z\u030cuolas", "ąžuolas"),
        ("今天天气很好", "天气"),
        ("今天天气很好", "天"),
        ("今天天气很好", "好"),
        ("今天天气很好", "天气很好"),
        ("see you 明天 at 5", "明天 see"),
        ("東京タワーへ行く", "タワー"),
        ("วันนี้อากาศดี", "อากาศ"),
        ("ညနေစာ", "နေ"),
        ("오늘 날씨가 좋다", "날씨"),
        ("كتابٌ جديد", "كتاب"),
        ("مُحَمَّد وأحمد", "محمد"),
        ("أحمد هنا", "احمد"),
        ("احمد هنا", "أحمد"),
        ("مدرسة", "مدرسه"),
        ("हिन्दी में लिखो", "हिन्दी"),
        ("Ёлка зелёная", "елка"),
        ("Καλημέρα στους φίλους", "καλημερα"),
        ("ΚΑΛΗΜΕΡΑ", "καλημέρα"),
        ("οδός", "οδοσ"),
        ("Đường phố", "đuong"),
        ("x" + "中" * 70 + "文字", "中文字"),
    ],
)
async def test_a_message_is_found(database: Database, text: str, query: str) -> None:
    await write(database, "something else, 别的 شيء", text, "and so on, 等等 آخر")
    assert await found(q=query) == [text]
    assert any(part.is_found for part in excerpt(text, terms_of(query), 300).parts)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Meet me at the harbour", "arbour"),
        ("Meet me at the harbour", '"harb"'),
        ("Meet me at the harbour", '"the at"'),
        ("Meet me at the harbour", "harbour boat"),
        ("a place known well", "well-known"),
        ("今天很好，天气", "天天"),
        ("天气 气温", "天气温"),
        ("room1 link", "room2"),
        ("nothing here", "://"),
    ],
)
async def test_a_message_is_not_found(database: Database, text: str, query: str) -> None:
    await write(database, text)
    assert await found(q=query) == ([] if terms_of(query) else [text])


async def test_names_days_and_links_narrow_a_search(database: Database) -> None:
    await write(database, "tea at https://example.com/", "tea?", handle="Jūratė K")
    await write(database, "tea!", handle="Ben")
    await database.two.run("UPDATE message SET timestamp = '2026-01-05 23:59:59' WHERE message = 'tea?'")
    await database.two.run("UPDATE message SET timestamp = '2026-01-06 00:00:00' WHERE message = 'tea!'")
    assert await found(q="tea") == ["tea!", "tea?", "tea at https://example.com/"]
    assert await found(by="jurate") == ["tea?", "tea at https://example.com/"]
    assert await found(q="tea", by="k jur", links="on") == ["tea at https://example.com/"]
    assert await found(links="on") == ["tea at https://example.com/"]
    assert await found(since="2026-01-05", until="2026-01-05") == ["tea?"]
    assert await found(q="tea", since="2026-01-06", until="2026-01-06") == ["tea!"]
    assert await found(until="2026-01-06") == ["tea!", "tea?"]


async def test_a_name_in_a_script_without_spaces_is_found_by_its_beginning(database: Database) -> None:
    await write(database, "茶", handle="小明 Lee")
    await write(database, "小明", handle="Ben")
    assert await found(by="小") == ["茶"]
    assert await found(by="小明", q="茶") == ["茶"]
    assert await found(by="lee 小明") == ["茶"]
    assert await found(by="ben", q="小明") == ["小明"]


async def test_what_another_program_changes_is_found_as_it_is_then(database: Database) -> None:
    await write(database, "first", "第一句")
    await database.two.run("UPDATE message SET message = 'second' WHERE message = 'first'")
    assert (await found(q="first"), await found(q="second")) == ([], ["second"])
    await database.two.run("UPDATE message SET message = '第二句' WHERE message = '第一句'")
    assert (await found(q="第一"), await found(q="第二")) == ([], ["第二句"])
    await database.two.run("UPDATE message SET handle = 'ben' WHERE message = 'second'")
    assert (await found(by="ann"), await found(by="ben")) == (["第二句"], ["second"])
    await database.two.run("UPDATE message SET room_id = 2 WHERE message = 'second'")
    assert await found(q="second") == []
    assert await found(Room(id=2, name="two", label="two"), q="second") == ["second"]
    await database.two.run("DELETE FROM message WHERE message = 'second'")
    assert await found(Room(id=2, name="two", label="two"), q="second") == []


async def test_a_search_stays_in_its_room(database: Database) -> None:
    await write(database, "tea 茶", room=2)
    await write(database, "tea 茶", room=3)
    for query in ("tea", "茶", "2", "3", "room2"):
        assert await found(q=query) == []


async def test_results_come_in_pages(database: Database) -> None:
    await write(database, *(f"tea {number}" for number in range(2 * PAGE + 1)))
    first = await find_messages(ROOM, asked_by(QueryParams(q="tea")))
    second = await find_messages(ROOM, asked_by(QueryParams(q="tea")), first.before)
    third = await find_messages(ROOM, asked_by(QueryParams(q="tea")), second.before)
    assert [len(page.messages) for page in (first, second, third)] == [PAGE, PAGE, 1]
    texts = [message.message for page in (first, second, third) for message in page.messages]
    assert texts == [f"tea {number}" for number in reversed(range(2 * PAGE + 1))]
    assert third.before is None


WORDS = (
    "tea",
    "teapot",
    "Tėa",
    "茶",
    "茶壶",
    "壶茶",
    "شَاي",
    "شاي",
    "at",
    "well-known",
    "3.5",
    '"',
    "*",
    "AND",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=6), TEXTS)
async def test_what_is_found_is_what_has_each_term(database: Database, texts: Sequence[str], query: str) -> None:
    await database.empty()
    await write(database, *texts)
    terms = terms_of(query)
    has_all = [
        text for text in texts if all(any(part.is_found for part in excerpt(text, [term], 999).parts) for term in terms)
    ]
    assert sorted(await found(q=query)) == sorted(has_all)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.text(max_size=40))
async def test_no_text_breaks_a_search(database: Database, text: str, by: str) -> None:
    await found(q=text, by=by)


@pytest.mark.parametrize("text", ["x" * 3_000_000, "中" * 100_000, " ".join(map(str, range(300_000))), "ﷺ" * 30_000])
async def test_a_message_of_any_length_can_be_written_by_another_program(database: Database, text: str) -> None:
    await write(database, text)
    assert await database.one.run("SELECT count(*) FROM message") == [(1,)]
    await database.two.run("UPDATE message SET message = 'short'")
    assert await found(q="short") == ["short"]


def test_a_search_asks_for_ten_terms_at_most() -> None:
    assert len(terms_of(" ".join("abcdefghijklmnop"))) == 10


def test_an_empty_search_asks_for_nothing() -> None:
    for text in (" - ", "\u064b", '\u0301 "\u0640"'):
        assert asked_by(QueryParams(q=text, by=text, since=" ")).is_empty
    assert isinstance(asked_by(QueryParams()), Asked)


def test_the_characters_are_those_of_the_index() -> None:
    migration = importlib.import_module("webapp.migrations.0016_search")
    assert f"[{UNSPACED}]" == migration.UNSPACED_ON_POSTGRES
    assert re.sub(r"\\[uU]([0-9a-f]+)", lambda found: chr(int(found[1], 16)), f"[{UNSPACED}]") == (
        migration.UNSPACED_ON_SQLITE
    )
    assert {ord(before): after for before, after in {**migration.GREEK, **migration.OTHERS}.items()} == ALIKE
