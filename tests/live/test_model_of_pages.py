"""Whatever anybody writes by whatever means, and whoever loses its socket or is slow: each page ends with its rows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from tests.support.bound import TEMPLATE, UPDATE, Bound, Page, Shown, bound_to
from tests.support.databases import ROOMS, Databases
from webapp.board.bindings import IntegerValueBinding
from webapp.board.models import IntegerValue
from webapp.live.binding.binding import Binding
from webapp.live.binding.refusal import ActionRefused
from webapp.room_values.bindings import RoomValueBinding

NAME_TAKEN = (asyncpg.UniqueViolationError, sqlite3.IntegrityError)
Refusal = (IntegrityError, ActionRefused, *NAME_TAKEN)


class OnBoard(IntegerValueBinding):
    """The board's, shown by these tests' templates."""

    stream = "intval"
    template = f"{TEMPLATE}/value"
    update_template = f"{UPDATE}/value"


class InRoom(RoomValueBinding):
    """A room's."""

    stream = "roomval"
    template = f"{TEMPLATE}/room-value"
    limit = 1000


class Everywhere(Binding[IntegerValue]):
    """All values, with the room that they are in; who may write this may move them."""

    model = IntegerValue
    stream = "allval"
    group = "all-values"
    fields = ("name", "value", "room_id")
    writable = ("name", "value", "room_id")
    template = f"{TEMPLATE}/any"
    target = "#all"
    element = "any"


PLACES = [
    [("intval", "intval-updates")],
    [("roomval", "room:1")],
    [("roomval", "room:2")],
    [("roomval", "room:1"), ("intval", "intval-updates")],
    [("intval", "intval-updates"), ("roomval", "room:3")],
]
DATA = [[("intval", "intval-updates")], [("roomval", "room:1")], [("allval", "all-values")]]


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [OnBoard(), InRoom(), Everywhere()]) as found:
        yield found


@dataclass(frozen=True)
class Value:
    """What the model knows of a row."""

    name: str
    value: int
    room: int | None


Model = Mapping[int, Value]


@dataclass(frozen=True)
class Write:
    """What somebody wants. which: of the rows that there are. by: the means, where there is a choice."""

    kind: str
    which: int
    name: str
    value: int
    room: int | None
    by: str


NAMES = ["a", "b", "<c> & 'd'"]
KINDS = [
    "create",
    "create",
    "create",
    "update",
    "rename",
    "increment",
    "move",
    "move",
    "delete",
    "all",
    "empty",
    "pour",
]

writes = st.builds(
    Write,
    st.sampled_from(KINDS),
    st.integers(0, 9),
    st.sampled_from(NAMES),
    st.integers(-3, 3),
    st.sampled_from([None, None, *ROOMS]),
    st.sampled_from(["sql", "orm", "visitor"]),
)
transactions = st.tuples(st.lists(writes, min_size=1, max_size=4), st.booleans())
happenings = st.tuples(st.sampled_from(["drop", "open", "reload", "stall", "go", "ring", "breathe"]), st.integers(0, 7))
steps = st.lists(st.one_of(writes, writes, transactions, happenings, happenings), min_size=12, max_size=30)


def wanted(model: Model, write: Write, pk: int) -> Model | None:
    """The rows after `write`, whose row or new row is `pk`; None when it is refused, which names alone can do."""
    after = dict(model)
    match write.kind:
        case "create":
            after[pk] = Value(write.name, write.value, write.room)
        case "all" | "empty" | "pour":
            here = {key: row for key, row in model.items() if row.room == write.room}
            for key, row in here.items():
                after[key] = replace(row, value=row.value + write.value)
                if write.kind == "pour":
                    after[key] = replace(row, room=_next(write.room))
                if write.kind == "empty":
                    del after[key]
        case "delete":
            after.pop(pk, None)
        case _ if pk in model:
            after[pk] = _changed(model[pk], write)
    places = [(row.name, row.room) for row in after.values()]
    return after if len(places) == len(set(places)) else None


def _changed(row: Value, write: Write) -> Value:
    match write.kind:
        case "update":
            return replace(row, value=write.value)
        case "rename":
            return replace(row, name=write.name)
        case "increment":
            return replace(row, value=row.value + write.value)
    return replace(row, room=write.room)


def _next(room: int | None) -> int | None:
    return {None: 1, 1: 2, 2: 3, 3: None}[room]


def sql_of(write: Write, pk: int) -> str:
    """The statement of a program that knows nothing of the app."""
    name, room = write.name.replace("'", "''"), "NULL" if write.room is None else write.room
    here = "room_id IS NULL" if write.room is None else f"room_id = {room}"
    return {
        "create": f"INSERT INTO integervalue (id, name, value, room_id) VALUES ({pk}, '{name}', {write.value}, {room})",
        "update": f"UPDATE integervalue SET value = {write.value} WHERE id = {pk}",
        "rename": f"UPDATE integervalue SET name = '{name}' WHERE id = {pk}",
        "increment": f"UPDATE integervalue SET value = value + {write.value} WHERE id = {pk}",
        "move": f"UPDATE integervalue SET room_id = {room} WHERE id = {pk}",
        "delete": f"DELETE FROM integervalue WHERE id = {pk}",
        "all": f"UPDATE integervalue SET value = value + {write.value} WHERE {here}",
        "empty": f"DELETE FROM integervalue WHERE {here}",
        "pour": f"UPDATE integervalue SET room_id = {_next(write.room) or 'NULL'} WHERE {here}",
    }[write.kind]


async def by_orm(write: Write, pk: int) -> None:
    """The same by the models, as another part of the app would."""
    row = await IntegerValue.get_or_none(id=pk)
    if write.kind == "create":
        await IntegerValue.bulk_create([IntegerValue(id=pk, name=write.name, value=write.value, room_id=write.room)])
    elif write.kind == "delete":
        await IntegerValue.filter(id=pk).delete()
    elif row is not None:
        after = _changed(Value(row.name, row.value, row.room_id), write)
        row.name, row.value, row.room_id = after.name, after.value, after.room
        await row.save()


async def by_visitor(bound: Bound, model: Model, write: Write, pk: int) -> int:
    """The same by a visitor of the page that the row is on; the row's key."""
    room = write.room if write.kind == "create" else model[pk].room if pk in model else None
    stream, group = ("intval", "intval-updates") if room is None else ("roomval", f"room:{room}")
    if write.kind == "move":
        await bound.do("allval", "all-values", "update", pk, room_id=str(write.room or ""))
        return pk
    fields = {"create": {"name", "value"}, "update": {"value"}, "rename": {"name"}}.get(write.kind, set())
    data: dict[str, Any] = {name: str(getattr(write, name)) for name in fields}
    # What the binding does not name does nothing.
    data |= {"by": str(write.value), "room_id": "3", "id": "77"}
    action = "update" if write.kind == "rename" else write.kind
    reply = await bound.do(stream, group, action, None if action == "create" else pk, **data)
    return int(reply.data["pk"])


class World:
    """The database, the model of it, and the pages."""

    def __init__(self, bound: Bound, pages: list[Page]) -> None:
        self.bound = bound
        self.pages = pages
        self.model: Model = {}
        self._keys = 0

    def key_of(self, write: Write) -> int:
        """The row that is meant: a new one, or one that is there if any is."""
        if write.kind == "create" or not self.model:
            self._keys += 1
            return 1000 + self._keys
        return sorted(self.model)[write.which % len(self.model)]

    async def take(self, step: Any) -> None:
        """Do it, and have the model do it."""
        match step:
            case Write():
                await self._write(step)
            case (list() as several, bool() as commits):
                await self._transaction(several, commits)
            case (str() as what, int() as number):
                await self._happen(what, number)

    async def _write(self, write: Write) -> None:
        pk = self.key_of(write)
        does: Callable[[], Awaitable[Any]] = partial(self.bound.one.run, sql_of(write, pk))
        if write.kind not in ("all", "empty", "pour") and write.by != "sql":
            visits = write.by == "visitor" and (write.kind == "create" or pk in self.model)
            does = partial(by_visitor, self.bound, self.model, write, pk) if visits else partial(by_orm, write, pk)
        try:
            done = await does()
        except Refusal:
            assert wanted(self.model, write, pk) is None
            return
        after = wanted(self.model, write, done if isinstance(done, int) else pk)
        assert after is not None
        self.model = after

    async def _transaction(self, several: list[Write], commits: bool) -> None:
        before = self.model
        await self.bound.one.run("BEGIN")
        try:
            for write in several:
                pk = self.key_of(write)
                await self.bound.one.run(sql_of(write, pk))
                after = wanted(self.model, write, pk)
                assert after is not None
                self.model = after
            await self.bound.one.run("COMMIT" if commits else "ROLLBACK")
            self.model = self.model if commits else before
        except NAME_TAKEN:
            await self.bound.one.run("ROLLBACK")
            self.model = before

    async def _happen(self, what: str, number: int) -> None:
        page = self.pages[number % len(self.pages)]
        if what in ("drop", "reload"):
            page.reads.set()
            await page.drop()
        match what:
            case "reload":
                await page.load()
                await page.open()
            case "open":
                await page.open()
            case "stall":
                page.reads.clear()
            case "go":
                page.reads.set()
            case "ring":
                self.bound.hub.ring(None)
            case "breathe":
                await asyncio.sleep(0.001 * number)

    def expected(self, page: Page) -> Shown:
        """What the page has to show in the end, with all that its templates show or its data holds."""
        rows: Shown = {}
        for stream, (_, group, _) in page.streams.items():
            rows[stream] = {pk: _fields(stream, row) for pk, row in self.model.items() if group in _groups(row)}
        return rows


def _groups(row: Value) -> tuple[str, str]:
    return "all-values", "intval-updates" if row.room is None else f"room:{row.room}"


def _fields(stream: str, row: Value) -> dict[str, str]:
    fields = {"name": row.name, "value": str(row.value)}
    return fields | {"room_id": str(row.room)} if stream == "allval" else fields


@given(steps=steps)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_page_ends_with_just_the_rows_of_its_groups(bound: Bound, steps: list[Any]) -> None:
    for table in ("integervalue", "live_change", "live_group"):
        await bound.one.run(f"DELETE FROM {table}")
    if bound.kind == "sqlite":
        # Keys that the database counted on from the last example would be those that `key_of` gives later in this one.
        await bound.one.run("DELETE FROM sqlite_sequence")
    pages = [bound.page(*places) for places in PLACES] + [bound.page(*places, as_json=True) for places in DATA]
    world = World(bound, pages)
    try:
        for page in pages:
            await page.load()
            await page.open()
        for step in steps:
            await world.take(step)
        kept = await bound.one.run("SELECT id, name, value, room_id FROM integervalue")
        assert {pk: Value(*rest) for pk, *rest in kept} == world.model
        for page in pages:
            page.reads.set()
            await page.open()
        bound.hub.ring(None)
        for page in pages:
            await page.until_shows(world.expected(page))
    finally:
        for page in pages:
            page.reads.set()
            await page.drop()
