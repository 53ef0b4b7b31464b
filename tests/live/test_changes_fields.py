"""An update's change names the columns that it changed, each row's its own."""

from __future__ import annotations

from tests.live.test_changes import add
from tests.support.databases import EVERYTHING, Database
from tests.support.things import BINDINGS, BoardThings, Thing
from webapp.app import bindings
from webapp.chat.models import Message

Fields = tuple[str, frozenset[str] | None]


async def logged(database: Database, group: str) -> list[Fields]:
    """What happened in a group, in order: (action, columns)."""
    return [(change.action, change.fields) for change in await database.log.after(group, 0, EVERYTHING)]


def update(*columns: str) -> Fields:
    return ("update", frozenset(columns))


CREATE: Fields = ("create", None)
DELETE: Fields = ("delete", None)


async def test_an_update_names_what_it_changed(database: Database) -> None:
    message = await Message.create(room_id=1, handle="ann", message="hi")
    message.message = "ho"
    # A save of everything: on SQLite writes the time, the database's default until then, in another spelling.
    await message.save(update_fields=["message"])
    await Message.all().update(handle="bob", nonce="n")
    await database.one.run("UPDATE message SET message = 'both', handle = 'eve', room_id = 1")
    await database.one.run("UPDATE message SET timestamp = '2001-02-03 04:05:06', handle = 'eve'")
    await database.one.run("UPDATE message SET handle = 'eve', nonce = 'm'")
    await message.delete()
    assert await logged(database, "room:1") == [
        *(CREATE, update("message"), update("handle"), update("handle", "message"), update("timestamp"), DELETE)
    ]


async def test_they_are_stored_in_the_order_of_the_declaration(database: Database) -> None:
    await add(database, "hi")
    await database.one.run("UPDATE message SET timestamp = '2001-02-03 04:05:06', message = 'ho', handle = 'eve'")
    assert await database.one.run("SELECT fields FROM live_change ORDER BY seq") == [
        (None,),
        ("handle,message,timestamp",),
    ]


async def test_each_row_of_one_statement_has_its_own(database: Database) -> None:
    for room, handle, text in ((1, "a", "b"), (1, "b", "a"), (2, "a", "a"), (2, "b", "b"), (1, "a", "a")):
        await Message.create(room_id=room, handle=handle, message=text)
    await Message.all().update(handle="a", message="a")
    assert (await logged(database, "room:1"))[3:] == [update("message"), update("handle")]
    assert (await logged(database, "room:2"))[2:] == [update("handle", "message")]


async def test_to_null_and_from_null_are_changes(database: Database) -> None:
    await database.log.install([*bindings(), *BINDINGS])
    await Thing.create(name="a", room_id=1)
    for note in ("x", "y", "y", None, None, ""):
        await Thing.all().update(note=note)
    assert await logged(database, "room:1") == [CREATE, *[update("note")] * 4]


async def test_a_move_has_none_and_an_update_within_only_has(database: Database) -> None:
    await database.log.install([*bindings(), *BINDINGS])
    await Thing.create(name="a")
    await Thing.all().update(room_id=1, name="b")
    await Thing.all().update(room_id=None, value=5)
    await Thing.all().update(name="c", value=6, note="not of the board")
    assert await logged(database, BoardThings.group) == [CREATE, DELETE, CREATE, update("name", "value")]


async def test_they_are_columns_not_fields(database: Database) -> None:
    await database.log.install([*bindings(), *BINDINGS])
    await Thing.create(name="a", room_id=1)
    await Thing.all().update(kind="y")
    assert await logged(database, "room:1") == [CREATE, update("sort")]


async def test_an_upsert_names_them(database: Database) -> None:
    (pk,) = await add(database, "hi")
    await database.one.run(
        f"INSERT INTO message (id, room_id, handle, message) VALUES ({pk}, 1, 'bob', 'ho')"
        " ON CONFLICT (id) DO UPDATE SET message = excluded.message"
    )
    assert await logged(database, "room:1") == [CREATE, update("message")]
