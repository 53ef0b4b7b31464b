"""A statement whose SQL is made once does what Tortoise's own would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.queryset import BulkCreateQuery

from tests.support.databases import Database
from tests.support.things import RoomThings, Thing
from webapp.chat.models import Message
from webapp.live.database import statements
from webapp.live.database.statements import KeyedSelect, insert

THINGS = 9


@pytest.mark.parametrize("count", range(1, THINGS + 1))
async def test_rows_are_found_by_any_number_of_keys(database: Database, count: int) -> None:
    await database.empty()
    await insert([Thing(id=number, name=f"thing {number}", room_id=1) for number in range(1, THINGS + 1)], False)
    binding = RoomThings()
    keys = [str(key) for key in range(2, 2 + count)]
    for _ in range(2):  # with SQL that is made, and with SQL that is kept
        rows = await binding.rows.read(keys)
        assert {key: row.name for key, row in rows.items()} == {key: f"thing {key}" for key in keys if key != "10"}


async def test_the_sql_for_keys_is_made_once_and_for_few_numbers_of_them(sqlite: Database) -> None:
    made: list[int] = []

    def select(keys: Sequence[int]) -> object:
        made.append(len(keys))
        return Thing.filter(pk__in=keys)

    keyed = KeyedSelect(Thing, select)
    for count in (1, 2, 3, 4, 3, 500, 300, 1):
        await keyed.rows(list(range(count)))
    assert made == [1, 2, 4, 512]


GIVEN: list[dict[str, Any]] = [{}, {"timestamp": datetime(2026, 5, 14, 10, tzinfo=UTC)}, {"id": 7}]
"""Each leaves out other columns."""


async def test_rows_are_inserted_by_the_statement_of_bulk_create(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "_inserts", {})
    for given in [*GIVEN, *GIVEN]:
        for ignore_conflicts in (False, True):
            await database.empty()
            rows = [Message(room_id=1, handle="ann", message="hello", nonce="once", **given)]
            expected = Message.bulk_create(rows, ignore_conflicts=ignore_conflicts).sql()
            await insert(rows, ignore_conflicts)
            (kept,) = await Message.all()
            assert (kept.handle, kept.message, kept.nonce) == ("ann", "hello", "once")
            assert all(getattr(kept, name) == value for name, value in given.items())
            assert any(expected in made for made in statements._inserts.values())
    again = Message(room_id=1, handle="ann", message="again", nonce="once")
    with pytest.raises(IntegrityError):
        await insert([again], ignore_conflicts=False)
    await insert([again], ignore_conflicts=True)
    assert [message.message for message in await Message.all()] == ["hello"]


async def test_the_sql_for_rows_is_made_once_for_each_set_of_columns(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "_inserts", {})
    made: list[list[str]] = []
    make = BulkCreateQuery._make_queries

    def counted(self: BulkCreateQuery[Message], omitted: set[str] | None = None) -> tuple[str, str]:
        made.append(sorted(omitted or ()))
        return make(self, omitted)

    monkeypatch.setattr(BulkCreateQuery, "_make_queries", counted)
    for given in [*GIVEN[:2], *GIVEN[:2]]:
        await insert([Message(room_id=1, handle="ann", message="hello", **given)], False)
    assert made == [["timestamp"], []]
