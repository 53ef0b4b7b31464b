"""What is sent for a row comes out ready to be stored, or is refused with a reason; nothing else happens."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.fields import Now
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model
from tortoise.validators import MaxValueValidator, MinLengthValidator, MinValueValidator, RegexValidator

from tests.support.databases import Databases
from webapp.live.validation.uniqueness import conflict
from webapp.live.validation.validator import FieldProblem, Invalid, Validator

HUGE: int = 10**400
TOO_LONG_FOR_TEXT: int = 10**5000


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Place(Model):
    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=8, unique=True)


class Value(Model):
    """The board's model, in a place or in none."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=10)
    value = fields.BigIntField(default=0)
    place: fields.ForeignKeyNullableRelation[Place] = fields.ForeignKeyField("models.Place", null=True)
    slug = fields.CharField(max_length=10, unique=True, null=True)
    left = fields.IntField(null=True)
    right = fields.IntField(null=True)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        unique_together = (("place", "name"),)
        constraints = (UniqueConstraint(fields=("left", "right"), name="sides"),)


class Thing(Model):
    """A field of every kind; all may be null, so that a row of one of them can be stored."""

    id = fields.BigIntField(primary_key=True)
    char = fields.CharField(max_length=5, null=True)
    text = fields.TextField(null=True)
    small = fields.SmallIntField(null=True)
    number = fields.IntField(null=True)
    big = fields.BigIntField(null=True)
    ratio = fields.FloatField(null=True)
    price = fields.DecimalField(max_digits=5, decimal_places=2, null=True)
    done = fields.BooleanField(null=True)
    day = fields.DateField(null=True)
    moment = fields.DatetimeField(null=True)
    clock = fields.TimeField(null=True)
    length = fields.TimeDeltaField(null=True)
    key = fields.UUIDField(null=True)
    data: dict[str, Any] | list[Any] | None = fields.JSONField(null=True)
    colour = fields.CharEnumField(Colour, null=True)
    size = fields.IntEnumField(Size, null=True)
    place: fields.ForeignKeyNullableRelation[Place] = fields.ForeignKeyField(
        "models.Place", null=True, related_name="things", db_constraint=False
    )


class Strict(Model):
    """Fields that have to be given, or have a default."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=10)
    note = fields.TextField(default="")
    count = fields.IntField()
    score = fields.IntField(default=7)
    done = fields.BooleanField(default=False)
    agreed = fields.BooleanField()
    day = fields.DateField()
    colour = fields.CharEnumField(Colour)
    made = fields.DatetimeField(auto_now_add=True)
    at = fields.DatetimeField(db_default=Now())
    blob = fields.BinaryField(default=b"")


class Checked(Model):
    """Fields with validators of their own."""

    word = fields.CharField(max_length=10, primary_key=True, validators=[MinLengthValidator(3)])
    code = fields.CharField(max_length=10, default="A1", validators=[RegexValidator("^[A-Z][0-9]$", 0)])
    percent = fields.IntField(default=1, validators=[MinValueValidator(0.5), MaxValueValidator(100)])
    share = fields.FloatField(default=0.25, validators=[MinValueValidator(0.25)])


THING = tuple(name for name in Thing._meta.fields_map if name not in ("id", "place", "place_id"))
thing = Validator(Thing, (*THING, "place_id"))
needing = Validator(Strict, ("name", "note", "count", "score", "done", "agreed", "day", "colour", "at"))
checked = Validator(Checked, ("word", "code", "percent", "share"))


@pytest.fixture
async def stored(databases: Databases) -> AsyncIterator[str]:
    """Each of the two databases in turn, with the tables of these models."""
    url = databases.empty().replace("postgres://", "asyncpg://")
    # A name of its own, because Tortoise keeps a model's SQL per connection name.
    name = f"things-{databases.kind}"
    config = {
        "connections": {name: url},
        "apps": {"models": {"models": [__name__], "default_connection": name}},
        "use_tz": True,
        "timezone": "UTC",
    }
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        await context.generate_schemas()
        yield databases.kind


def problems(
    validator: Validator, data: Mapping[str, Any], json: bool = False, new: bool = False
) -> list[FieldProblem]:
    with pytest.raises(Invalid) as caught:
        (validator.created if new else validator.changed)(data, json)
    return list(caught.value.problems)


def form(name: str, value: object) -> Any:
    """What comes out for one field of a thing, sent by a form: the value, or (reason, limit)."""
    return _one(name, value, strict=False)


def sent(name: str, value: object) -> Any:
    """The same, sent as JSON."""
    return _one(name, value, strict=True)


def _one(name: str, value: object, strict: bool) -> Any:
    try:
        return thing.changed({name: value}, strict)[name]
    except Invalid as invalid:
        (problem,) = invalid.problems
        assert problem.field == name
        return problem.reason, problem.limit


def accepted(
    read: Callable[[dict[str, Any], bool], dict[str, Any]], data: dict[str, Any], json: bool
) -> dict[str, Any]:
    """What comes out; nothing when it is refused with problems that can be sent back."""
    try:
        return read(data, json)
    except Invalid as invalid:
        found = invalid.problems
    assert found
    assert all("\0" not in problem.field and problem.field.encode() is not None for problem in found)
    return {}


def _short(value: object) -> str | None:
    """A parameter's name in pytest's words, unless it is too long for them."""
    is_long = len(value) > 50 if isinstance(value, str) else isinstance(value, int) and abs(value) > 2**64
    return "long" if is_long else None


GOOD = {"name": "a", "count": "3", "agreed": "on", "day": "2026-11-22", "colour": "red"}


def test_a_form_of_texts_makes_a_row() -> None:
    assert needing.created(GOOD | {"headers": {}, "stream": "x", "id": "7", "blob": "x", "made": "x"}, False) == {
        "name": "a",
        "count": 3,
        "agreed": True,
        "day": date(2026, 11, 22),
        "colour": Colour.RED,
    }


def test_what_was_not_sent_is_missing_only_where_a_new_row_needs_it() -> None:
    found = problems(needing, {}, new=True)
    assert found == [FieldProblem(name, "missing") for name in ("name", "count", "agreed", "day", "colour")]
    assert needing.changed({}, True) == {}
    assert needing.changed({"count": 4}, True) == {"count": 4}


def test_problems_stand_in_the_order_of_the_writable_fields_and_then_what_is_not_writable() -> None:
    found = problems(needing, {"made": 1, "colour": "green", "id": 3, "name": " "}, json=True, new=True)
    assert [(problem.field, problem.reason) for problem in found] == [
        ("name", "blank"),
        ("count", "missing"),
        ("agreed", "missing"),
        ("day", "missing"),
        ("colour", "not_a_choice"),
        ("made", "not_writable"),
        ("id", "not_writable"),
    ]


def test_a_name_that_the_sender_made_up_can_be_sent_back() -> None:
    (problem,) = problems(needing, {"\ud800\0" + "x" * 200: 1}, json=True)
    assert problem == FieldProblem("?" + "x" * 98, "not_writable")


def test_an_empty_text_of_a_form() -> None:
    assert needing.created(GOOD | {"score": "", "at": " ", "note": ""}, False) == needing.created(GOOD, False) | {
        "note": ""
    }
    assert problems(needing, {"name": "", "count": " ", "score": "", "agreed": "", "day": "", "colour": ""}) == [
        FieldProblem("name", "blank"),
        *(FieldProblem(name, "missing") for name in ("count", "score", "agreed", "day", "colour")),
    ]
    assert {form(name, "") for name in THING} == {None}


def test_null_and_the_empty_text_in_json() -> None:
    assert {sent(name, None) for name in THING} == {None}
    assert problems(needing, {"name": None, "score": None}, json=True, new=False) == [
        FieldProblem("name", "missing"),
        FieldProblem("score", "missing"),
    ]
    assert sent("char", "") == ""
    assert sent("number", "") == ("not_a_number", None)
    assert sent("day", "") == ("not_a_date", None)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a ", "a"),
        ("a\0b", "ab"),
        ("a\r\nb\tc", "a b\tc"),
        ("a\u2028b\x9f\x1b", "a b"),
        ("é😀", "é😀"),
    ],
)
def test_a_line_of_text_is_cleaned(text: str, kept: str) -> None:
    assert form("char", text) == sent("char", text) == kept


def test_a_longer_text_keeps_its_lines() -> None:
    assert form("text", "\n a\r\n\tb\rc\0\n") == "a\n\tb\nc"
    assert form("text", "x" * 16_384) == "x" * 16_384


def test_texts_that_do_not_fit() -> None:
    assert form("char", "123456") == ("too_long", 5)
    assert form("char", "😀" * 5) == "😀" * 5
    assert form("char", "\ud83d") == form("text", "a\udc00") == ("bad", None)
    assert sent("char", 3) == sent("char", ["a"]) == sent("char", {}) == ("bad", None)


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("number", " 3 ", 3),
        ("number", "-2147483648", -(2**31)),
        ("number", "2147483648", ("too_large", 2**31 - 1)),
        ("number", "-2147483649", ("too_small", -(2**31))),
        ("small", "32768", ("too_large", 32767)),
        ("big", "9223372036854775808", ("too_large", 2**63 - 1)),
        ("big", str(HUGE), ("too_large", 2**63 - 1)),
        ("big", "9" * 16_000, ("too_large", 2**63 - 1)),
        ("big", "-" + "9" * 16_000, ("too_small", -(2**63))),
        ("number", "1e3", ("not_a_number", None)),
        ("number", "3.5", ("not_a_number", None)),
        ("number", "٣", ("not_a_number", None)),
        ("number", "−3", -3),
        ("number", "\ud800", ("bad", None)),
        ("ratio", "1e3", 1000.0),
        ("ratio", "nan", ("not_a_number", None)),
        ("ratio", "1e400", ("not_a_number", None)),
        ("price", "1.10", Decimal("1.10")),
        ("price", "1.001", ("bad", 2)),
        ("price", "1000", ("too_large", "999.99")),
        ("price", "-1e99", ("too_small", "-999.99")),
        ("price", "0E+100", Decimal(0)),
        ("price", "sNaN", ("not_a_number", None)),
        ("done", "on", True),
        ("done", ["false", "on"], True),
        ("done", ["on", "false"], False),
        ("done", [], ("bad", None)),
        ("done", [[]], ("bad", None)),
        ("done", "maybe", ("not_true_or_false", None)),
        ("number", ["1", "2"], ("bad", None)),
        ("data", ["{}", "{}"], ("bad", None)),
        ("day", "2026-02-29", ("not_a_date", None)),
        ("day", "1700000000", ("not_a_date", None)),
        ("moment", "2026-11-22T18:13", datetime(2026, 11, 22, 18, 13, tzinfo=UTC)),
        ("moment", "2026-11-22T18:13+02:00", datetime(2026, 11, 22, 16, 13, tzinfo=UTC)),
        ("moment", "1.5e-3", ("not_a_date", None)),
        ("moment", "0001-01-01T00:00+23:59", ("not_a_date", None)),
        ("clock", "18:13", time(18, 13, tzinfo=UTC)),
        ("clock", "3600", ("not_a_date", None)),
        ("length", "PT1H", timedelta(hours=1)),
        ("length", "P999999999D", ("too_large", str(timedelta(microseconds=2**63 - 1)))),
        ("key", "12345678123456781234567812345678", UUID("12345678123456781234567812345678")),
        ("key", "1", ("bad", None)),
        ("data", '{"a": [1]}', {"a": [1]}),
        ("data", "null", None),
        ("data", "3", ("bad", None)),
        ("data", "{", ("bad", None)),
        ("data", "[" * 16_000, ("bad", None)),
        ("colour", "blue", Colour.BLUE),
        ("colour", "green", ("not_a_choice", "red, blue")),
        ("size", "2", Size.LARGE),
        ("size", "3", ("not_a_choice", "1, 2")),
        ("number", 3, 3),
    ],
    ids=_short,
)
def test_what_a_form_sends(name: str, value: object, found: object) -> None:
    assert form(name, value) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("number", 3, 3),
        ("number", 3.0, 3),
        ("number", "3", ("not_a_number", None)),
        ("number", True, ("not_a_number", None)),
        ("number", math.nan, ("not_a_number", None)),
        ("number", [3], ("bad", None)),
        ("big", HUGE, ("too_large", 2**63 - 1)),
        ("big", TOO_LONG_FOR_TEXT, ("too_large", 2**63 - 1)),
        ("big", -1e300, ("too_small", -(2**63))),
        ("ratio", 1, 1.0),
        ("ratio", math.inf, ("not_a_number", None)),
        ("ratio", TOO_LONG_FOR_TEXT, ("not_a_number", None)),
        ("price", 0.1, Decimal("0.10")),
        ("price", "0.1", Decimal("0.10")),
        ("price", TOO_LONG_FOR_TEXT, ("too_large", "999.99")),
        ("done", True, True),
        ("done", 1, ("not_true_or_false", None)),
        ("done", "on", ("not_true_or_false", None)),
        ("done", [True], ("bad", None)),
        ("day", 20000, ("not_a_date", None)),
        ("length", 1.5, timedelta(seconds=1.5)),
        ("size", 1, Size.SMALL),
        ("size", "1", ("not_a_choice", "1, 2")),
        ("size", True, ("not_a_choice", "1, 2")),
        ("size", TOO_LONG_FOR_TEXT, ("not_a_choice", "1, 2")),
        ("data", [{"a": None}], [{"a": None}]),
        ("data", "{}", ("bad", None)),
        ("data", {"a": "\0"}, ("bad", None)),
        ("data", {"\ud800": 1}, ("bad", None)),
        ("data", [math.nan], ("bad", None)),
        ("data", [TOO_LONG_FOR_TEXT], ("bad", None)),
    ],
    ids=_short,
)
def test_what_a_program_sends(name: str, value: object, found: object) -> None:
    assert sent(name, value) == found


def test_json_inside_json_has_an_end() -> None:
    deep: list[Any] = []
    for _ in range(31):
        deep = [deep]
    assert sent("data", deep) == deep
    assert sent("data", [deep]) == ("bad", None)


def test_the_fields_own_validators_are_asked() -> None:
    assert problems(checked, {"code": "a1", "percent": 0, "share": 0.1, "word": "ab"}, json=True, new=True) == [
        FieldProblem("word", "too_short", 3),
        FieldProblem("code", "bad"),
        FieldProblem("percent", "too_small", 1),
        FieldProblem("share", "too_small", "0.25"),
    ]
    assert problems(checked, {"percent": "101"}) == [FieldProblem("percent", "too_large", 100)]
    assert checked.created({"word": "abc", "code": "B2", "percent": 1.0}, True)["percent"] == 1


def test_a_primary_key_is_given_once() -> None:
    assert checked.changed({"word": "other", "percent": "2"}, False) == {"percent": 2}
    assert problems(checked, {"word": "other"}, json=True) == [FieldProblem("word", "not_writable")]


@pytest.mark.parametrize(
    ("model", "writable", "instead"),
    [
        (Value, "name", r"write \('name',\)"),
        (Value, ["nmae"], "no such field; write some of name, value, place_id, slug"),
        (Value, ["place"], "write its column, place_id"),
        (Value, ["id"], "leave it out"),
        (Strict, ["made"], "leave it out"),
        (Strict, ["blob"], "BinaryField"),
    ],
)
def test_what_cannot_be_written_is_said_at_the_start(model: type[Model], writable: Any, instead: str) -> None:
    with pytest.raises(TypeError, match=instead):
        Validator(model, writable)


def test_before_tortoise_starts_only_a_foreign_key_has_to_wait() -> None:
    class Early(Model):
        id = fields.BigIntField(primary_key=True)
        name = fields.CharField(max_length=5)
        place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField("models.Place", related_name="early")

    early = Validator(Early, ["name", "place_id"])
    assert problems(early, {"name": "abcdef"}, new=True) == [
        FieldProblem("name", "too_long", 5),
        FieldProblem("place_id", "missing"),
    ]
    with pytest.raises(RuntimeError, match="after Tortoise"):
        early.created({"name": "a", "place_id": "1"}, False)


TEXTS = [
    "",
    " ",
    "0",
    "-0",
    "on",
    "1e400",
    "nan",
    "1e-400",
    "0E-100",
    "9" * 5000,
    "\0",
    "\ud800",
    "red",
    "2",
    "٣",
    "1_0",
]
NUMBERS = [HUGE, -HUGE, 2**63, 2**63 - 1, -(2**63), -0.0, 1e300, 5e-324]
TIMES = ["0001-01-01T00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "23:59:59.999999-23:59", "24:00", "P1D", "-PT1S"]
odd = st.sampled_from([*TEXTS, *NUMBERS, *TIMES])
text = st.text(st.characters(exclude_categories=()), max_size=8)  # surrogates too
leaf = st.none() | st.booleans() | st.integers() | st.floats() | text | odd
json = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3))
whole = st.integers() | st.integers(-40_000, 40_000)
likely: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(["char", "text"], text),
    **dict.fromkeys(["small", "number", "big", "place_id", "size"], whole | whole.map(str)),
    "ratio": st.floats() | st.floats().map(str),
    "price": st.decimals().map(str) | st.decimals(min_value=-1001, max_value=1001, places=2).map(str) | st.floats(),
    "done": st.booleans() | st.sampled_from(["on", "off", "0", "YES"]),
    "day": st.dates().map(date.isoformat),
    "moment": st.datetimes(timezones=st.none() | st.timezones(), allow_imaginary=False).map(datetime.isoformat),
    "clock": st.times().map(time.isoformat),
    "length": st.floats() | st.timedeltas().map(lambda each: f"P{each.days}DT{each.seconds}.{each.microseconds:06}S"),
    "key": st.uuids().map(str),
    "data": st.dictionaries(text, json, max_size=3) | st.lists(json, max_size=3),
    "colour": st.sampled_from(["red", "blue"]),
}
field = st.sampled_from([*THING, "place_id"])
pair = field.flatmap(lambda name: st.tuples(st.just(name), likely[name] | likely[name] | json))


def _same(kept: object, found: object) -> bool:
    """JSONB has one kind of number only."""
    if isinstance(kept, dict):
        return isinstance(found, dict) and kept.keys() == found.keys() and all(_same(kept[k], found[k]) for k in kept)
    if isinstance(kept, list):
        return isinstance(found, list) and len(kept) == len(found) and all(map(_same, kept, found))
    if isinstance(kept, float) and isinstance(found, int):
        return kept == float(found)
    return kept == found


@given(data=st.lists(pair, max_size=8), strict=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_comes_out_can_be_stored(stored: str, data: list[tuple[str, Any]], strict: bool) -> None:
    for name, value in data:
        values = accepted(thing.changed, {name: value}, strict)
        # Tortoise 1.1.9 cannot write a time into SQLite.
        if values and (name, stored) != ("clock", "sqlite"):
            assert values.keys() == {name}
            row = await Thing.create(**values)
            kept = await Thing.get(pk=row.pk)
            assert _same(values[name], getattr(kept, name)), (values, getattr(kept, name))


@given(
    data=st.dictionaries(text | st.sampled_from(["name", "count", "day", "word", "code"]), json), strict=st.booleans()
)
@settings(max_examples=200, deadline=None)
def test_nothing_but_invalid_is_raised(data: dict[str, Any], strict: bool) -> None:
    for validator in (needing, checked):
        for read in (validator.created, validator.changed):
            assert accepted(read, data, strict).keys() <= data.keys()


async def test_the_type_of_a_foreign_key_is_that_of_what_it_names(stored: str) -> None:
    validator = Validator(Value, ["name", "place_id"])
    assert validator.created({"name": "a", "place_id": "3"}, False) == {"name": "a", "place_id": 3}
    assert problems(validator, {"place_id": str(2**31)}) == [FieldProblem("place_id", "too_large", 2**31 - 1)]


async def test_which_field_is_taken(stored: str) -> None:
    here = await Place.create(code="here")
    first = await Value.create(name="a", slug="s", place=here, left=1, right=2)
    await Value.create(name="b")
    with pytest.raises(IntegrityError):
        await Value.create(name="a", place=here)

    taken = {"name": "a", "place_id": here.pk}
    assert await conflict(Value, taken, None) == FieldProblem("name", "taken")
    assert await conflict(Value, taken, first.pk) is None
    assert await conflict(Value, {"name": "c", "slug": "s"}, None) == FieldProblem("slug", "taken")
    assert await conflict(Value, {"name": "c", "slug": "S"}, None) is None
    assert await conflict(Value, {"name": "c", "left": 1, "right": 2}, None) == FieldProblem("right", "taken")
    assert await conflict(Value, {"name": "c", "id": first.pk}, None) == FieldProblem("id", "taken")
    assert await conflict(Place, {"code": "here"}, None) == FieldProblem("code", "taken")


async def test_no_place_is_a_place_where_a_name_is_taken(stored: str) -> None:
    await Value.create(name="a")
    assert await conflict(Value, {"name": "a", "place_id": None}, None) == FieldProblem("name", "taken")
    assert await conflict(Value, {"name": "a"}, None) == FieldProblem("name", "taken")
    assert await conflict(Value, {"name": "b", "slug": None, "left": None}, None) is None
