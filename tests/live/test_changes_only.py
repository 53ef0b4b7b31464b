"""Bindings that are about some rows only, and several on one model: a row leaves the one and enters the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from tests.support.databases import EVERYTHING, Database
from tests.support.things import BINDINGS, ODD, BoardThings, Thing
from webapp.app import bindings

BOARD = BoardThings.group
PKS = (1, 2, 3)

Move = Callable[[Database, int | None], Awaitable[object]]


@pytest.fixture(autouse=True)
async def installed(database: Database) -> None:
    await database.log.install([*bindings(), *BINDINGS])


async def happened(database: Database, group: str) -> list[tuple[str, str, str]]:
    """What happened in a group, in order: (stream, action, primary key)."""
    changes = await database.log.after(group, 0, EVERYTHING)
    if changes:
        assert [change.seq for change in changes] == list(range(changes[0].seq, changes[0].seq + len(changes)))
    return [(change.stream, change.action, change.pk) for change in changes]


def each(*actions: tuple[str, str]) -> list[tuple[str, str, str]]:
    """All of PKS did the first, then all of them the second, and so on."""
    return [(stream, action, str(pk)) for stream, action in actions for pk in PKS]


async def add(room: int | None = None, **values: Any) -> None:
    for pk in PKS:
        await Thing.create(id=pk, name=f"thing-{pk}", room_id=room, **values)


async def move_by_orm(database: Database, room: int | None) -> None:
    for thing in await Thing.all().order_by("id"):
        thing.room_id = room
        await thing.save()


async def move_by_queryset(database: Database, room: int | None) -> None:
    await Thing.all().update(room_id=room)


async def move_by_sql(database: Database, room: int | None) -> None:
    await database.two.run(f"UPDATE item SET room_id = {room or 'NULL'}")


async def move_within_a_transaction(database: Database, room: int | None) -> None:
    async with in_transaction():
        await Thing.filter(id=1).update(room_id=room)
        await Thing.filter(id__gt=1).update(room_id=room)


MOVES = [move_by_orm, move_by_queryset, move_by_sql, move_within_a_transaction]


@pytest.mark.parametrize("move", MOVES)
async def test_a_row_that_moves_between_two_bindings_leaves_one_and_enters_the_other(
    database: Database, move: Move
) -> None:
    await add()
    for room in (1, 2, None):
        await move(database, room)
    assert await happened(database, BOARD) == each(("board", "create"), ("board", "delete"), ("board", "create"))
    for group in ("room:1", "room:2"):
        assert await happened(database, group) == each(("things", "create"), ("things", "delete"))


async def test_a_row_that_moves_there_and_back_in_one_transaction_is_logged_at_both(database: Database) -> None:
    await add()
    await database.one.run("BEGIN")
    for room in ("1", "2", "NULL"):
        await database.one.run(f"UPDATE item SET room_id = {room}, value = value + 1")
    await database.one.run("COMMIT")
    assert await happened(database, BOARD) == each(("board", "create"), ("board", "delete"), ("board", "create"))
    assert await happened(database, "room:2") == each(("things", "create"), ("things", "delete"))


async def test_moves_that_are_rolled_back_are_in_no_group(database: Database) -> None:
    await add()
    await database.one.run("BEGIN")
    await database.one.run("UPDATE item SET room_id = 1")
    await database.one.run("ROLLBACK")
    assert await happened(database, BOARD) == each(("board", "create"))
    assert await happened(database, "room:1") == []


async def test_only_the_binding_whose_row_it_is_hears_of_an_update_or_a_delete(database: Database) -> None:
    await add()
    await Thing.filter(id=2).update(room_id=1)
    await Thing.all().update(value=5)
    await Thing.all().update(note="of no interest on the board")
    await Thing.all().delete()
    assert (await happened(database, BOARD))[3:] == [
        ("board", "delete", "2"),
        *[("board", action, pk) for action in ("update", "delete") for pk in "13"],
    ]
    assert await happened(database, "room:1") == [
        ("things", action, "2") for action in ("create", "update", "update", "delete")
    ]


async def test_a_row_qualifies_with_all_the_values_and_with_no_other(database: Database) -> None:
    qualified: dict[str, Any] = {"shown": True, "value": -7, "kind": ODD, "note": None}
    others: list[tuple[str, Any]] = [
        *[("shown", False), ("shown", None), ("value", 7), ("value", 0), ("note", ""), ("note", "None")],
        *[("kind", ODD + "x"), ("kind", ODD.upper()), ("kind", "")],
    ]
    thing = await Thing.create(name="a", **qualified)
    for column, other in others:
        await Thing.all().update(**{column: other})
        await Thing.all().update(name=str(other))
        await Thing.all().update(**qualified)
    await Thing.create(name="b", **(qualified | {"shown": False}))
    pk = str(thing.id)
    assert await happened(database, ODD) == [
        ("picked", "create", pk),
        *[("picked", action, pk) for _ in others for action in ("delete", "create")],
    ]


async def test_an_update_that_keeps_a_row_where_it_is_is_one_if_something_shown_changed(database: Database) -> None:
    await add(room=1)
    await Thing.all().update(room_id=1, shown=False, value=0)
    assert await happened(database, "room:1") == each(("things", "create"))


async def test_a_room_that_is_deleted_takes_its_things_along(database: Database) -> None:
    await add(room=3)
    await database.one.run("DELETE FROM room WHERE id = 3")
    deleted = (await happened(database, "room:3"))[3:]
    if database.kind == "sqlite":
        # The test's own connection checks no foreign keys there.
        await database.one.run("DELETE FROM item")
        deleted = (await happened(database, "room:3"))[3:]
    assert sorted(deleted) == each(("things", "delete"))
