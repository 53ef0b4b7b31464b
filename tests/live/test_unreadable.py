"""One row that cannot be read is missing, is named in the log, and shows when it is repaired; nothing else notices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from tests.support.bound import TEMPLATE, Bound, Page, bound_to
from tests.support.databases import Databases
from tests.support.things import Odd
from webapp.live.binding.binding import Binding
from webapp.live.database import left_out, row_building, row_reports
from webapp.live.fanout import EVERYBODY
from webapp.live.fanout import feed as feed_module
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.wording import Wording

ON_SQLITE = {
    "Latin-1": ("name", "CAST(X'636166E9' AS TEXT)"),
    "half a character": ("name", "CAST(X'EDA080' AS TEXT)"),
    "bytes": ("name", "X'00FF'"),
    "a word for a number": ("value", "'many'"),
    "no number": ("value", "''"),
    "a fraction": ("value", "1.5"),
    "beyond 64 bits": ("value", "9223372036854775808"),
    "bytes for a number": ("value", "X'01'"),
    "a word for a fraction": ("ratio", "'half'"),
    "a word for a decimal": ("price", "'cheap'"),
    "an infinite decimal": ("price", "'Infinity'"),
    "yesterday": ("at", "'yesterday'"),
    "no time": ("at", "''"),
    "the other order": ("at", "'14/05/2026 10:00'"),
    "bytes for a time": ("at", "X'32'"),
    "beyond the calendar": ("at", "'0001-01-01 00:00:00+14:00'"),
    "seconds of a far time": ("at", "99999999999999999"),
    "no day": ("day", "'2026-02-30'"),
    "no hour": ("hour", "'25:00'"),
    "a span beyond the calendar": ("span", "1e30"),
    "a span in words": ("span", "'1 day'"),
    "no UUID": ("code", "'1234'"),
    "no JSON": ("data", "'{'"),
    "half a character in JSON": ("data", "'\"\\ud800\"'"),
    "JSON without a bottom": ("data", f"'{'[' * 2000}{']' * 2000}'"),
    "no mood": ("mood", "'angry'"),
    "no yes or no": ("done", "'perhaps'"),
}
ON_POSTGRES = {
    "before Christ": ("at", "'0044-03-15 12:00:00+00 BC'"),
    "a far year": ("at", "'20000-01-01'"),
    "no end": ("at", "'infinity'"),
    "no beginning": ("at", "'-infinity'"),
    "a far day": ("day", "'20000-01-01'"),
    "a day before Christ": ("day", "'0044-03-15 BC'"),
    "no hour": ("hour", "'24:00'"),
    "no mood": ("mood", "'rude'"),
}
CASES = [
    *(pytest.param("sqlite", *case, id=f"sqlite, {name}") for name, case in ON_SQLITE.items()),
    *(pytest.param("postgres", *case, id=f"postgres, {name}") for name, case in ON_POSTGRES.items()),
]

ALL = tuple(name for name in Odd._meta.fields_map if name not in ("id", "room"))


class Odds(Binding[Odd]):
    model = Odd
    stream = "odds"
    group = "room:{room_id}"
    fields = ALL
    template = f"{TEMPLATE}/odd"
    element = "odd"
    window = 5


class Members(Odds):
    """Has a member that fails for some rows, and shows it."""

    stream = "odds"
    members = ("length", "room.label")


@pytest.fixture
async def bound(databases: Databases) -> AsyncIterator[Bound]:
    row_reports._reported.clear()
    async with bound_to(databases, [Odds()]) as found:
        yield found


async def opened(bound: Bound, as_json: bool = False) -> Page:
    page = await (await bound.page(("odds", "room:1"), as_json=as_json).load()).open()
    await page.until(lambda page: bool(page.frames))
    return page


async def insert(bound: Bound, pk: int, name: str = "fine", column: str = "", value: str = "", room: int = 1) -> None:
    names, values = ["id", "name", "room_id"], [str(pk), f"'{name}'", str(room)]
    if column in names:
        values[names.index(column)] = value
    elif column:
        names.append(column)
        values.append(value)
    await bound.one.run(f"INSERT INTO odd ({', '.join(names)}) VALUES ({', '.join(values)})")
    bound.hub.ring(None)


async def until_pks(page: Page, *pks: int) -> None:
    await page.until(lambda page: set(page.shown().get("odds", {})) == set(pks))


@pytest.mark.parametrize(("databases", "column", "value"), CASES, indirect=["databases"])
async def test_a_row_that_cannot_be_read_is_left_out_until_it_is_repaired(
    bound: Bound, column: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    await insert(bound, 1)
    page, bot = await opened(bound), await opened(bound, as_json=True)
    await insert(bound, 2, "bad", column, value)
    await insert(bound, 3)
    await insert(bound, 4, room=2)
    for each in (page, bot):
        await until_pks(each, 1, 3)
    late, late_bot = await opened(bound), await opened(bound, as_json=True)
    for each in (late, late_bot):
        await until_pks(each, 1, 3)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert f"odd 2 is left out until it is repaired: column {column}" in told[0]
    good = "'mended'" if column == "name" else "'calm'" if column == "mood" else "NULL"
    good = {"value": "7", "done": "TRUE"}.get(column, good)
    await bound.one.run(f"UPDATE odd SET {column} = {good} WHERE id = 2")
    bound.hub.ring(None)
    for each in (page, bot, late, late_bot):
        await until_pks(each, 1, 2, 3)
    assert set(bot.shown()["odds"][2]) == set(ALL), "a bot gets all of its fields"
    assert [row.id for row in await Odd.all().order_by("id")] == [1, 2, 3, 4]
    for each in (page, bot, late, late_bot):
        await each.drop()


async def test_a_row_that_breaks_while_it_is_shown_goes_and_comes_back(bound: Bound) -> None:
    await insert(bound, 1)
    await insert(bound, 2)
    pages = [await opened(bound), await opened(bound, as_json=True)]
    for page in pages:
        await until_pks(page, 1, 2)
    bad = "'20000-01-01'" if bound.kind == "postgres" else "'x'"
    for _ in range(2):
        await bound.one.run(f"UPDATE odd SET at = {bad} WHERE id = 1")
        bound.hub.ring(None)
        for page in pages:
            await until_pks(page, 2)
        # A change that does not repair it brings it to nobody, and costs nobody the one that does.
        await bound.one.run("UPDATE odd SET name = 'other' WHERE id = 1")
        bound.hub.ring(None)
        await insert(bound, 3)
        for page in pages:
            await until_pks(page, 2, 3)
        await bound.one.run("UPDATE odd SET at = NULL WHERE id = 1")
        await bound.one.run("DELETE FROM odd WHERE id = 3")
        bound.hub.ring(None)
        for page in pages:
            await until_pks(page, 1, 2)
    assert await bound.one.run("SELECT * FROM live_unreadable") == []
    for page in pages:
        await page.drop()


async def test_a_page_that_was_away_during_the_repair_gets_the_row_when_it_is_back(bound: Bound) -> None:
    bad = "'20000-01-01'" if bound.kind == "postgres" else "'x'"
    await insert(bound, 1)
    await insert(bound, 2, "bad", "at", bad)
    pages = [await opened(bound), await opened(bound, as_json=True)]
    for page in pages:
        await until_pks(page, 1)
        await page.until(lambda page: page.cursor != "0")
        await page.drop()
    await bound.one.run("UPDATE odd SET at = NULL WHERE id = 2")
    await bound.one.run("UPDATE odd SET name = 'later' WHERE id = 2")
    for page in pages:
        await page.open()
        await page.until(lambda page: page.shown()["odds"].get(2, {}).get("name") == "later")
        await page.drop()


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_a_repair_that_is_under_way_when_the_row_is_found_shows_it_all_the_same(bound: Bound) -> None:
    await insert(bound, 1, "bad", "at", "'20000-01-01'")
    await bound.one.run("BEGIN")
    await bound.one.run("UPDATE odd SET at = NULL WHERE id = 1")
    pages = [await opened(bound), await opened(bound, as_json=True)]
    for page in pages:
        await until_pks(page)
    await bound.one.run("COMMIT")
    bound.hub.ring(None)
    for page in pages:
        await until_pks(page, 1)
        await page.drop()


async def test_a_repair_that_no_reader_would_notice_shows_the_row_all_the_same(
    bound: Bound,
) -> None:
    class Names(Binding[Odd]):
        model = Odd
        stream = "odds"
        group = "room:{room_id}"
        fields = ("name", "value")
        members = ("length",)
        template = f"{TEMPLATE}/odd"
        element = "odd"

    bound.bindings["odds"] = Names()
    await bound.log.install(list(bound.bindings.values()))
    bound.hub.frames = FrameRenderer(bound.bindings, Wording.of_one(bound.render))
    await insert(bound, 1, "bad", "at", "'20000-01-01'" if bound.kind == "postgres" else "'x'")
    page = await opened(bound)
    await until_pks(page)
    await bound.one.run("UPDATE odd SET at = NULL WHERE id = 1")
    bound.hub.ring(None)
    await until_pks(page, 1)
    await page.drop()


async def test_the_window_and_the_highest_key_count_rows_that_cannot_be_read(bound: Bound) -> None:
    (binding,) = bound.bindings.values()
    for pk in range(1, 5):
        await insert(bound, pk)
    await insert(bound, 9, "bad", "at", "'20000-01-01'" if bound.kind == "postgres" else "'x'")
    assert await binding.rows.highest("room:1") == 9
    assert [row.id for row in await binding.rows.shown("room:1")] == [1, 2, 3, 4]
    rows = await Odd.filter(room_id=1).order_by("-id")
    assert list(left_out(rows)) == [9]


async def test_a_row_whose_own_rendering_fails_is_left_out_and_a_broken_template_is_not(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "RETRY", 0.05)
    bound.bindings["odds"] = Members()
    await bound.log.install(list(bound.bindings.values()))
    render, broken = bound.render, {"odd"}

    def with_length(name: str, context: object) -> str:
        if name == Odds.template:
            if not broken.isdisjoint({"odd"}):
                raise RuntimeError("a broken template")
            assert context.row.length >= 0  # type: ignore[attr-defined]
        return render(name, context)

    bound.hub.frames = FrameRenderer(bound.bindings, Wording.of_one(with_length))
    broken.clear()
    await insert(bound, 1)
    page, bot = await opened(bound), await opened(bound, as_json=True)
    await insert(bound, 2, "own")
    await insert(bound, 3)
    for each in (page, bot):
        await until_pks(each, 1, 3)
    await bound.one.run("UPDATE odd SET name = 'own:x' WHERE id = 2")
    bound.hub.ring(None)
    for each in (page, bot):
        await until_pks(each, 1, 2, 3)
    broken.add("odd")
    await insert(bound, 4)
    await bot.until(lambda bot: True)
    broken.clear()
    for each in (page, bot):
        await until_pks(each, 1, 2, 3, 4)
        await each.drop()


async def test_a_list_that_is_shown_afresh_leaves_out_what_fails(bound: Bound) -> None:
    bound.bindings["odds"] = Members()
    await bound.log.install(list(bound.bindings.values()))
    render = bound.render

    def with_length(name: str, context: object) -> str:
        if name == Odds.template:
            assert context.row.length >= 0  # type: ignore[attr-defined]
        return render(name, context)

    bound.hub.frames = FrameRenderer(bound.bindings, Wording.of_one(with_length))
    await insert(bound, 1)
    await insert(bound, 2, "own")
    frame = await bound.hub.frames.reset("room:1", 0, 1)
    assert 'id="odd-1"' in frame.html[EVERYBODY]
    assert 'id="odd-2"' not in frame.html[EVERYBODY]
    assert [text.count('"pk":2') for text in frame.messages(True)] == [0, 0]
    assert await bound.one.run("SELECT stream, pk FROM live_unreadable") == [("odds", "2")]


TIMES = (
    *("2026-05-14 10:00:07", "2026-05-14T10:00:07", "2026-05-14 10:00:07.25", "2026-05-14 10:00:07+02:00"),
    *("2026-05-14 10:00", "2026-05-14", "2026-W20-4 10:00:07", "20260514 10:00:07", "2026-05-14 10:00:60"),
    *("2026-02-30 10:00:07", "2026-05-14 10:00:0\u0667", "2026-05-14 10:00:07\n", "", 1_778_752_800),
)


@pytest.mark.parametrize("raw", TIMES)
async def test_a_time_is_read_as_tortoise_reads_it(raw: object) -> None:
    """The most common form has a parser of its own."""
    field = Odd._meta.fields_map["at"]

    def read(convert: Callable[[object], object]) -> object:
        try:
            return convert(raw)
        except ValueError:
            return ValueError

    assert read(partial(row_building._to_time, field.to_python_value)) == read(field.to_python_value)
