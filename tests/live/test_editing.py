"""What visitors may do with rows: only what is declared, only in their group, all of it or none, and nobody unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, ClassVar

import pytest

from tests.support.bound import TEMPLATE, Bound, bound_to
from tests.support.databases import Databases
from tests.support.patience import PATIENCE
from tests.support.things import Thing
from webapp.board.bindings import IntegerValueBinding
from webapp.board.models import HIGHEST, LOWEST, IntegerValue
from webapp.live.binding.binding import Binding
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.contexts import Refusal
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer
from webapp.room_values.bindings import RoomValueBinding

BOARD = ("intval", "intval-updates")
ROOM = ("roomval", "room:1")


class OnBoard(IntegerValueBinding):
    """The board's, with room for three."""

    stream = "intval"
    limit = 3


class InRoom(RoomValueBinding):
    """A room's, likewise."""

    stream = "roomval"
    limit = 3


class Things(Binding[Thing]):
    """The things of a room, whose hooks note what they are called for."""

    model = Thing
    stream = "things"
    group = "room:{room_id}"
    fields = ("name", "value", "room_id")
    writable = ("name", "value", "room_id")
    members = ("room.label",)
    template = f"{TEMPLATE}/thing"
    target = "#things"
    element = "thing"
    secret: ClassVar = "room:3"

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        return group != self.secret

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        if action == "delete":
            return not await Thing.filter(pk=pk, name="kept").exists()
        return action != "create" or pk is None

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> Thing:
        row = await super().insert(visitor, {**values, "note": f"by {visitor.id}"})
        if row.name == "unwanted":
            await Thing.create(name="half done", room_id=1)
            raise ActionRefused(Refusal(self.form("create", None), "full"))
        return row

    async def change(self, visitor: Visitor, row: Thing, values: Mapping[str, Any]) -> None:
        await super().change(visitor, row, values)
        if values.get("name") == "broken":
            raise RuntimeError("a broken hook")

    async def remove(self, visitor: Visitor, row: Thing) -> None:
        if row.name == "precious":
            raise ActionRefused(Refusal(self.form("delete", row.pk), "refused"))
        await Thing.create(name=f"grave of {row.name}", room_id=2)
        await super().remove(visitor, row)

    def serialize(self, row: Thing, names: Collection[str]) -> dict[str, Any]:
        return {**super().serialize(row, names), "length": len(row.name)}


class AnyThings(Binding[Thing]):
    """All things, with what may be missing on the way to a member."""

    model = Thing
    stream = "anything"
    group = "things"
    fields = ("name", "value")
    writable = ("name", "value")
    members = ("room.label", "kind")
    template = f"{TEMPLATE}/any"
    target = "#any"
    element = "any"
    window = 2


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    async with bound_to(databases, [OnBoard(), InRoom(), Things(), AnyThings()]) as found:
        yield found


async def denied(bound: Bound, place: tuple[str, str], action: str, pk: object = None, **data: Any) -> Refusal:
    """Why it is not done."""
    with pytest.raises(ActionRefused) as caught:
        await bound.do(*place, action, pk, **data)
    return caught.value.refusal


def problems(refusal: Refusal) -> list[tuple[str, str]]:
    assert refusal.reason == "invalid"
    return [(problem.field, problem.reason) for problem in refusal.problems]


async def values() -> list[tuple[str, int, int | None]]:
    return [(row.name, row.value, row.room_id) for row in await IntegerValue.all().order_by("id")]


async def made(bound: Bound, place: tuple[str, str] = BOARD, **data: Any) -> int:
    """Create a row there; its key."""
    return int((await bound.do(*place, "create", **data)).data["pk"])


async def version_of(bound: Bound, stream: str, pk: int) -> str:
    """What a form of the row carries."""
    binding = bound.bindings[stream]
    return binding.rows.version(await binding.model.get(pk=pk))


@pytest.mark.parametrize("strict", [False, True])
async def test_what_is_not_writable_is_never_written(bound: Bound, strict: bool) -> None:
    pk = await made(bound, name="a", value=1)
    more = {"id": 77, "room": 1, "room_id": 1, "name": "b", "strict": strict}
    if strict:
        for action, which in (("create", None), ("update", pk)):
            refusal = await denied(bound, BOARD, action, which, **more)
            assert problems(refusal) == [(name, "not_writable") for name in ("id", "room", "room_id")]
        assert await values() == [("a", 1, None)]
        return
    await bound.do(*BOARD, "update", pk, **{name: str(value) for name, value in more.items() if name != "strict"})
    other = await made(bound, name="c", room_id="2", id="77")
    assert await values() == [("b", 1, None), ("c", 0, None)]
    assert other != 77


async def test_the_group_decides_where_a_new_row_is(bound: Bound) -> None:
    await made(bound, ROOM, name="a", room_id="2")
    await made(bound, ("roomval", "room:2"), name="a", value="5")
    await made(bound, name="a")
    assert await values() == [("a", 0, 1), ("a", 5, 2), ("a", 0, None)]
    thing = await made(bound, ("things", "room:1"), name="t", room_id="2")
    assert (await Thing.get(id=thing)).room_id == 1


@pytest.mark.parametrize("place", [BOARD, ("roomval", "room:2")])
async def test_a_row_of_another_group_cannot_be_touched(bound: Bound, place: tuple[str, str]) -> None:
    pk = await made(bound, ROOM, name="a", value=3)
    for data in ({}, {"version": await version_of(bound, "roomval", pk)}):
        assert (await denied(bound, place, "update", pk, name="b", **data)).reason == "gone"
        await bound.do(*place, "delete", pk, **data)
        assert (await denied(bound, place, "increment", pk, **data)).reason == "gone"
    assert await values() == [("a", 3, 1)]


async def test_a_group_of_no_row_of_the_binding_changes_nothing(bound: Bound) -> None:
    pk = await made(bound, name="a")
    assert (await denied(bound, ("intval", "room:1"), "update", pk, name="b")).reason == "failed"
    assert await values() == [("a", 0, None)]


async def test_of_two_edits_of_what_both_saw_one_wins_and_the_other_is_shown_it(bound: Bound) -> None:
    pk = await made(bound, name="a", value=1)
    version = await version_of(bound, "intval", pk)
    results = await asyncio.gather(
        *(bound.do(*BOARD, "update", pk, value=str(n), version=version) for n in range(10, 20)), return_exceptions=True
    )
    lost = [result for result in results if isinstance(result, ActionRefused)]
    assert len(lost) == 9
    ((_, won, _),) = await values()
    assert {(each.refusal.reason, each.refusal.present["value"]) for each in lost} == {("stale", won)}
    assert results.index(next(result for result in results if not isinstance(result, Exception))) == won - 10
    # With the version that the refusal gave, saving again overwrites knowingly.
    await bound.do(*BOARD, "update", pk, value="99", version=lost[0].refusal.version)
    assert await values() == [("a", 99, None)]


async def test_of_two_edits_at_two_processes_one_wins(bound: Bound) -> None:
    pk = await made(bound, name="a", value=1)
    version = await version_of(bound, "intval", pk)
    other = Writer(bound.hub.ring)
    async with other.working():
        lives = (bound.live, bound.with_writer(other))
        results = await asyncio.gather(
            *(
                bound.bindings["intval"].perform(
                    "update", bound.inbound(*BOARD, pk, lives[n % 2], value=str(n), version=version)
                )
                for n in range(10, 30)
            ),
            return_exceptions=True,
        )
    assert [isinstance(result, ActionRefused) for result in results].count(False) == 1
    ((_, won, _),) = await values()
    assert not isinstance(results[won - 10], Exception)


async def test_a_write_from_outside_makes_a_form_stale(bound: Bound) -> None:
    pk = await made(bound, name="a", value=1)
    version = await version_of(bound, "intval", pk)
    await bound.one.run("UPDATE integervalue SET value = 2")
    for action in ("update", "delete"):
        refusal = await denied(bound, BOARD, action, pk, name="b", value="3", version=version)
        assert (refusal.reason, refusal.present, refusal.form) == ("stale", {"name": "a", "value": 2}, f"value-{pk}")
    await bound.one.run("UPDATE integervalue SET value = 1")
    await bound.do(*BOARD, "update", pk, name="b", version=version)
    assert await values() == [("b", 1, None)]


async def test_two_who_change_different_fields_do_not_disturb_each_other(bound: Bound) -> None:
    pk = await made(bound, name="a", value=1)
    version = await version_of(bound, "intval", pk)
    await bound.do(*BOARD, "increment", pk)
    # The form still says 1, which its sender did not write: it is not put back over what somebody pressed since.
    await bound.do(*BOARD, "update", pk, name="b", value="1", version=version)
    assert await values() == [("b", 2, None)]
    assert (await denied(bound, BOARD, "update", pk, name="c", version=version)).present == {"name": "b", "value": 2}


async def test_a_version_that_is_not_ours_is_stale(bound: Bound) -> None:
    pk = await made(bound, name="a", value=1)
    for version in ("x", ".", "a.b", "a.b.c", "." * 5000, "\ud800"):
        assert (await denied(bound, BOARD, "update", pk, name="b", version=version)).reason == "stale"
    assert await values() == [("a", 1, None)]


async def test_deleting_what_is_gone_is_no_error_and_editing_it_is(bound: Bound) -> None:
    pk = await made(bound, name="a")
    version = await version_of(bound, "intval", pk)
    await bound.do(*BOARD, "delete", pk, version=version)
    for data in ({}, {"version": version}):
        assert (await bound.do(*BOARD, "delete", pk, **data)).error is None
        assert (await denied(bound, BOARD, "update", pk, name="b", **data)).reason == "gone"
    assert (await denied(bound, BOARD, "increment", pk)).reason == "gone"


@pytest.mark.parametrize("place", [BOARD, ROOM])
async def test_a_name_that_is_taken_is_told_at_its_field(bound: Bound, place: tuple[str, str]) -> None:
    await made(bound, place, name="a")
    await made(bound, ROOM if place == BOARD else BOARD, name="b")
    other = await made(bound, place, name="c")
    assert problems(await denied(bound, place, "create", name="a")) == [("name", "taken")]
    assert problems(await denied(bound, place, "update", other, name="a", value="1")) == [("name", "taken")]
    await bound.do(*place, "update", other, name="b")
    await bound.do(*place, "update", other, name="b")
    assert len(await values()) == 3


@pytest.mark.parametrize("place", [BOARD, ROOM])
async def test_of_many_who_take_a_name_at_once_one_has_it(bound: Bound, place: tuple[str, str]) -> None:
    other = Writer(bound.hub.ring)
    async with other.working():
        lives = (bound.live, bound.with_writer(other))
        results = await asyncio.gather(
            *(
                bound.bindings[place[0]].perform("create", bound.inbound(*place, None, lives[n % 2], name="a"))
                for n in range(20)
            ),
            return_exceptions=True,
        )
    lost = [result for result in results if isinstance(result, Exception)]
    assert len(lost) == 19
    assert all(isinstance(each, ActionRefused) and problems(each.refusal) == [("name", "taken")] for each in lost), lost
    assert len(await values()) == 1


async def test_there_is_room_for_so_many_and_no_more(bound: Bound) -> None:
    results = await asyncio.gather(
        *(bound.do(*place, "create", name=str(n)) for n in range(5) for place in (BOARD, ROOM)), return_exceptions=True
    )
    reasons = [result.refusal.reason for result in results if isinstance(result, ActionRefused)]
    assert reasons == ["full"] * 4
    assert len(await values()) == 6
    pk = (await IntegerValue.filter(room_id=None).first()) or pytest.fail("no row")
    await bound.do(*BOARD, "delete", pk.id)
    await made(bound, name="new")


async def test_two_hundred_presses_at_two_writers_lose_none(bound: Bound) -> None:
    pks = [await made(bound, name=name) for name in ("a", "b", "c")]
    before = bound.deadlocks()
    other = Writer(bound.hub.ring)
    async with other.working(), asyncio.timeout(PATIENCE):
        lives = (bound.live, bound.with_writer(other))
        # Crosswise, so that locks that were taken in the order of coming would wait for each other.
        order = [pks, pks[::-1]]
        await asyncio.gather(
            *(
                bound.bindings["intval"].perform(
                    "increment", bound.inbound(*BOARD, pk, lives[n % 2], by=str(1 if n % 4 < 2 else 2))
                )
                for n in range(200)
                for pk in order[n % 2]
            )
        )
    assert [value for _, value, _ in await values()] == [300] * 3
    assert bound.deadlocks() == before


BOUNDS = [
    (HIGHEST - 1, 1, HIGHEST, ""),
    (HIGHEST, 1, HIGHEST, "too_large"),
    (HIGHEST, HIGHEST, HIGHEST, "too_large"),
    (1, HIGHEST, 1, "too_large"),
    (0, HIGHEST, HIGHEST, ""),
    (LOWEST + 1, -1, LOWEST, ""),
    (LOWEST, -1, LOWEST, "too_small"),
    (-1, LOWEST, -1, "too_small"),
    (0, LOWEST, LOWEST, ""),
    (HIGHEST, LOWEST, -1, ""),
    (LOWEST, HIGHEST, -1, ""),
    (5, 0, 5, ""),
]


async def test_presses_stay_within_64_bits(bound: Bound) -> None:
    for start, by, end, problem in BOUNDS:
        pk = await made(bound, name="a", value=str(start))
        if problem:
            assert problems(await denied(bound, BOARD, "increment", pk, by=str(by))) == [("value", problem)]
        else:
            await bound.do(*BOARD, "increment", pk, by=str(by))
        assert await values() == [("a", end, None)]
        await bound.do(*BOARD, "delete", pk)


async def test_what_is_no_number_of_64_bits_is_not_added(bound: Bound) -> None:
    pk = await made(bound, name="a")
    for by in ("", "x", "1.5", "1e3", str(2**63), str(-(2**63) - 1), "9" * 5000, None, 1.0, True, [1]):
        with pytest.raises(Refused) as caught:
            await bound.do(*BOARD, "increment", pk, by=by)
        assert caught.value.reason == "bad_field"
    assert await values() == [("a", 0, None)]


async def test_a_value_beyond_64_bits_is_refused(bound: Bound) -> None:
    pk = await made(bound, name="a")
    for value, reason in ((HIGHEST + 1, "too_large"), (LOWEST - 1, "too_small")):
        assert problems(await denied(bound, BOARD, "update", pk, value=str(value))) == [("value", reason)]
        assert problems(await denied(bound, BOARD, "create", name="b", value=str(value))) == [("value", reason)]


async def test_a_key_of_no_row_harms_nobody(bound: Bound) -> None:
    for pk in ("-1", "0", str(HIGHEST)):
        assert (await denied(bound, BOARD, "update", pk, name="b")).reason == "gone"
        assert (await denied(bound, BOARD, "increment", pk)).reason == "gone"
        await bound.do(*BOARD, "delete", pk)
    for bad in (None, "", "x", "1.5", str(HIGHEST + 1), "9" * 30):
        for action in ("update", "delete", "increment"):
            with pytest.raises(Refused) as caught:
                await bound.do(*BOARD, action, bad, name="b")
            assert caught.value.reason == "bad_field"
    assert await values() == []


async def test_what_is_no_action_is_not_called(bound: Bound) -> None:
    actions: list[Any] = ["locked", "perform", "write", "__init__", "form", "", None, 5, ["create"], "add"]
    for action in actions:
        with pytest.raises(Refused) as caught:
            await bound.do(*BOARD, action, 1, name="b")
        assert caught.value.reason == "unknown_action"


async def test_hooks_do_more_and_what_they_refuse_is_undone(bound: Bound) -> None:
    place = ("things", "room:1")
    pk = await made(bound, place, name="fine")
    assert (await Thing.get(id=pk)).note == "by ann-id"
    assert (await denied(bound, place, "create", name="unwanted")).reason == "full"
    precious = await made(bound, place, name="precious")
    assert (await denied(bound, place, "delete", precious)).reason == "refused"
    assert (await denied(bound, place, "update", pk, name="broken")).reason == "failed"
    await bound.do(*place, "delete", pk)
    assert [(row.name, row.room_id) for row in await Thing.all().order_by("id")] == [
        ("precious", 1),
        ("grave of fine", 2),
    ]


async def test_who_may_do_what_is_asked_for_each_action_and_row(bound: Bound) -> None:
    place = ("things", "room:1")
    kept = await made(bound, place, name="kept")
    assert (await denied(bound, place, "delete", kept)).reason == "refused"
    await bound.do(*place, "update", kept, name="given up")
    await bound.do(*place, "delete", kept)


async def test_a_failing_edit_fails_alone_and_the_others_are_done(bound: Bound) -> None:
    place = ("things", "room:1")
    pks = [await made(bound, place, name=f"thing {n}") for n in range(4)]
    kept = await made(bound, name="a")
    results = await asyncio.gather(
        bound.do(*place, "update", pks[0], name="eins"),
        bound.do(*place, "update", pks[1], name="broken"),
        bound.do(*place, "create", name="unwanted"),
        bound.do(*BOARD, "create", name="a"),
        bound.do(*BOARD, "increment", kept),
        bound.do(*place, "update", pks[2], room_id="3"),
        bound.do(*place, "delete", pks[3]),
        bound.do(*ROOM, "create", name="b"),
        return_exceptions=True,
    )
    kinds = [type(result).__name__ for result in results]
    done, no = "Reply", "ActionRefused"
    assert kinds == [done, no, no, no, done, no, done, done]
    assert isinstance(results[1], ActionRefused)
    assert results[1].refusal.reason == "failed"
    assert await values() == [("a", 1, None), ("b", 0, 1)]
    names = {row.name for row in await Thing.all()}
    assert names == {"eins", "thing 1", "thing 2", "grave of thing 3"}


async def test_a_row_cannot_be_moved_to_where_its_mover_may_not_look(bound: Bound) -> None:
    place = ("things", "room:1")
    pk = await made(bound, place, name="a")
    version = await version_of(bound, "things", pk)
    assert (await denied(bound, place, "update", pk, name="b", room_id="3", version=version)).reason == "refused"
    row = await Thing.get(id=pk)
    assert (row.name, row.room_id) == ("a", 1)
    await bound.do(*place, "update", pk, name="b", room_id="2", version=version)
    row = await Thing.get(id=pk)
    assert (row.name, row.room_id) == ("b", 2)
    assert (await denied(bound, place, "update", pk, name="c")).reason == "gone"


async def test_a_move_rings_for_both_groups(bound: Bound) -> None:
    pk = await made(bound, ("things", "room:1"), name="a")
    bound.rung.clear()
    await bound.do("things", "room:1", "update", pk, room_id="2")
    assert set().union(*bound.rung) >= {"room:1", "room:2"}


async def test_a_row_cannot_be_moved_to_where_there_is_nothing(bound: Bound) -> None:
    pk = await made(bound, ("things", "room:1"), name="a")
    assert problems(await denied(bound, ("things", "room:1"), "update", pk, room_id="99")) == [("room_id", "bad")]
    assert (await Thing.get(id=pk)).room_id == 1


async def test_a_row_in_a_group_that_is_gone_is_told_to_be_gone(bound: Bound) -> None:
    assert (await denied(bound, ("roomval", "room:99"), "create", name="a")).reason == "gone"


async def test_edits_do_not_need_what_members_need(bound: Bound) -> None:
    pk = await made(bound, ("things", "room:1"), name="a")
    version = await version_of(bound, "things", pk)
    await bound.do("things", "room:1", "update", pk, name="b", version=version)
    refusal = await denied(bound, ("things", "room:1"), "update", pk, name="c", version=version)
    assert (refusal.reason, refusal.present["name"]) == ("stale", "b")


async def test_members_are_given_with_every_row_and_are_none_where_the_way_ends(bound: Bound) -> None:
    here = await bound.page(("things", "room:1"), as_json=True).load()
    everywhere = await bound.page(("anything", "things"), as_json=True).load()
    for page in (here, everywhere):
        await page.open()
    pk = await made(bound, ("things", "room:1"), name="long")
    lone = await Thing.create(name="lone", kind="y")
    bound.hub.ring(None)
    row = {"name": "long", "value": "0", "room.label": "room-1"}
    await here.until_shows({"things": {pk: {**row, "room_id": "1", "length": "4"}}})
    nowhere = {"name": "lone", "value": "0", "room.label": "None", "kind": "y"}
    await everywhere.until_shows({"anything": {pk: {**row, "kind": "x"}, lone.id: nowhere}})
    await Thing.filter(id=pk).update(room_id=2)
    bound.hub.ring(None)
    await here.until_shows({"things": {}})
    for page in (here, everywhere):
        await page.drop()


async def test_a_page_starts_with_the_window_and_follows_what_is_in_it(bound: Bound) -> None:
    things = [await Thing.create(name=str(n)) for n in range(4)]
    page = await (await bound.page(("anything", "things")).load()).open()
    assert list(page.shown()["anything"]) == [thing.id for thing in things[2:]]
    await Thing.filter(id__in=[thing.id for thing in things]).update(name="new")
    added = await Thing.create(name="added")
    bound.hub.ring(None)
    shown = {thing.id: {"name": "new", "value": "0"} for thing in things[2:]}
    await page.until_shows({"anything": {**shown, added.id: {"name": "added", "value": "0"}}})
    await page.drop()
