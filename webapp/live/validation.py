"""What somebody sends for a row, checked against the fields of its model and made ready to be stored.

It comes from a form, which sends texts, or from a program as JSON, which sends values of the right type.

Both: texts are trimmed, lose their control characters other than tab and newline, and on one line (CharField) have
spaces for newlines. An empty text is `blank`, unless the field may be null or has the default "".

Forms: numbers, dates and so on are read from text ("3", "2026-11-22T18:13"; without a time zone it is Tortoise's). An
empty text is None where the field may be null, the default where a new row has one, and `missing` elsewhere. A box that
is not ticked sends nothing: put `<input type="hidden" name="done" value="false">` before it. Then a ticked one sends
two values, of which the last counts; for other fields two values are `bad`. JSONField takes JSON as text. A value that
is no text, as `hx-vals` may send, is taken as in JSON.

JSON: numbers are numbers (3.0 is an integer too; decimals may be texts), true and false are not 1 and 0, dates and
times are texts as in ISO 8601, and null is for fields that may be null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NamedTuple, Protocol

import pydantic
from tortoise import fields, validators
from tortoise.exceptions import ValidationError
from tortoise.fields.relational import ForeignKeyFieldInstance, RelationalField
from tortoise.models import Model

JSON_LEVELS = 32
"""Lists and objects inside each other in a JSONField, at most."""

JSON_BITS = 1024
"""Of an integer in a JSONField, at most."""

NAME_LIMIT = 100
"""Characters of a field's name that is told back to a sender who made it up."""

_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why a field cannot be what was sent. `reason` is one of these, with its `limit`.

    missing, blank, not_a_number, not_a_date (or a time), not_true_or_false, taken (another row has it),
    too_long, too_short (limit: characters), too_small, too_large (limit: the bound),
    not_a_choice (limit: the choices, with commas), not_writable, bad (all else; limit: decimal places, if too many).
    """

    field: str
    reason: str
    limit: int | str | None = None


class Invalid(Exception):
    """What was sent cannot be stored. `problems` is not empty, and in the order of the writable fields."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{problem.field}: {problem.reason}" for problem in self.problems))


class Validator:
    """Checks values for the fields `writable` of `model`; no others ever come out.

    Make it once, at the start; Tortoise.init may come later. A foreign key is named by its column, such as `room_id`;
    whether there is such a room is for the database to say. Raises TypeError, which says what to write instead, for a
    field that is not there, is a relation, is filled in by itself, or has a type that nobody can send.
    """

    def __init__(self, model: type[Model], writable: Sequence[str]) -> None:
        if isinstance(writable, str):
            raise TypeError(f"{model.__name__}: writable is a sequence: write ({writable!r},)")
        self._columns = {name: _column(model, name) for name in writable}
        self._changeable = {name: column for name, column in self._columns.items() if not column.is_key}

    def created(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """The values of a new row; a field that was not sent and has a default, or may be null, is left out.

        strict: data is JSON, and names nothing but writable fields; else it is a form, whose other keys are ignored.
        Raises Invalid.
        """
        return _read(self._columns, data, strict, complete=True)

    def changed(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """The new values of those writable fields that were sent, but never of the primary key, which stays.

        strict is as in `created`. Raises Invalid.
        """
        return _read(self._changeable, data, strict, complete=False)


def _read(columns: Mapping[str, _Readable], data: Mapping[str, Any], strict: bool, complete: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, column in columns.items():
        if name not in data:
            if complete and column.required:
                problems.append(FieldProblem(name, "missing"))
            continue
        try:
            values[name] = column.read(data[name], strict)
        except _Unfit as unfit:
            # A new row has its default for what was not filled in.
            if unfit.reason != "missing" or strict or not complete or column.required:
                problems.append(FieldProblem(name, unfit.reason, unfit.limit))
    if strict and not data.keys() <= columns.keys():
        problems += [FieldProblem(_shown(name), "not_writable") for name in data if name not in columns]
    if problems:
        raise Invalid(problems)
    return values


def _shown(name: str) -> str:
    """A name that the sender made up, fit to be sent back."""
    return _clean(name[:NAME_LIMIT], one_line=True).encode("utf-8", "replace").decode()


def _clean(text: str, one_line: bool) -> str:
    if not text.isprintable():
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        if one_line:
            text = text.replace("\n", " ")
    return text.strip()


class _Unfit(Exception):
    def __init__(self, reason: str, limit: int | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


class _Kind(NamedTuple):
    """How values of one Python type are sent.

    problem: the reason when something else is. typed: what JSON's parser makes of them. shape: how a text begins,
    because pydantic takes a date that is only a number for seconds since 1970.
    """

    problem: str
    typed: tuple[type, ...]
    shape: re.Pattern[str] | None = None


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-")
_KINDS: dict[object, _Kind] = {
    bool: _Kind("not_true_or_false", (bool,)),
    int: _Kind("not_a_number", (int, float)),
    float: _Kind("not_a_number", (int, float)),
    Decimal: _Kind("not_a_number", (int, float, str)),
    datetime: _Kind("not_a_date", (str,), _DAY),
    date: _Kind("not_a_date", (str,), _DAY),
    time: _Kind("not_a_date", (str,), re.compile(r"[0-9]{2}:")),
    timedelta: _Kind("bad", (int, float, str)),
}
_TEXT = _Kind("bad", (str,))
_JSON = _Kind("bad", (dict, list))

# pydantic's kinds of errors, as reasons, with the limit that was not kept.
_REASONS = {
    "string_too_long": ("too_long", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "greater_than_equal": ("too_small", "ge"),
    "less_than_equal": ("too_large", "le"),
    "decimal_max_places": ("bad", "decimal_places"),
}


class _Readable(Protocol):
    """required: a new row has to be given it. is_key: it is the primary key."""

    required: bool
    is_key: bool

    def read(self, value: Any, strict: bool) -> Any:
        """The value to store. Raises _Unfit."""


class _Column:
    """A field that has a type of its own. Raises TypeError when nobody can send that type."""

    def __init__(self, field: fields.Field[Any]) -> None:
        self.required = field.required
        self.is_key = field.pk
        self._null = field.null
        self._may_be_empty = field.null or "" in (field.default, field.db_default)
        self._one_line = isinstance(field, fields.CharField)
        choices: type[Enum] | None = getattr(field, "enum_type", None)
        self._choices = [str(choice.value) for choice in choices or ()]
        self._type: Any = choices or field.field_type
        self._kind = _kind(field)
        self._limits, self._checks = _limits(field)
        self._parse = _parser(self._type, {} if choices else self._limits)
        self._finish = field.to_python_value if self._type in (datetime, time, Decimal) else None

    def read(self, value: Any, strict: bool) -> Any:
        """The value to store. Raises _Unfit."""
        if type(value) is list and not strict:
            value = self._last(value)
        if type(value) is str and (not strict or str in self._kind.typed):
            value = self._text(value, strict)
        elif value is not None and type(value) not in self._kind.typed:
            raise _Unfit("bad") if isinstance(value, (dict, list)) else self._misfit()
        if value is None:
            if self._null:
                return None
            raise _Unfit("missing")
        if self._kind is _JSON:
            _check_json(value)
        return self._checked(value)

    def _last(self, values: list[Any]) -> Any:
        if self._type is bool and values:
            return values[-1]
        raise _Unfit("bad")

    def _text(self, text: str, strict: bool) -> Any:
        """What a text stands for: itself, None for nothing, or JSON."""
        if self._type is str:
            text = _clean(text, self._one_line)
            if not text and not self._may_be_empty:
                raise _Unfit("blank")
            return text or self._empty(strict)
        text = text.strip()
        if not text and not strict and "" not in self._choices:
            return None
        if self._kind.shape and not self._kind.shape.match(text):
            raise self._misfit()
        return _parsed(text) if self._kind is _JSON else text

    def _empty(self, strict: bool) -> str | None:
        return None if self._null and not strict else ""

    def _checked(self, value: Any) -> Any:
        try:
            value = self._parse(value)
            if self._finish:
                value = self._finish(value)
        except pydantic.ValidationError as error:
            raise self._unfit(error, value) from None
        except (ArithmeticError, ValueError):
            # A time zone took it out of the calendar; or it has more digits than Python's decimals.
            raise self._misfit() from None
        for check in self._checks:
            try:
                check(value.value if isinstance(value, Enum) else value)
            except (ValidationError, ValueError):
                raise _Unfit("bad") from None
        return value

    def _misfit(self) -> _Unfit:
        return _Unfit(self._kind.problem, ", ".join(self._choices) or None)

    def _unfit(self, error: pydantic.ValidationError, value: Any) -> _Unfit:
        kind = error.errors(include_url=False, include_context=False, include_input=False)[0]["type"]
        if kind == "int_parsing_size":
            kind = "greater_than_equal" if str(value).startswith("-") else "less_than_equal"
        if kind == "string_unicode":
            return _Unfit("bad")
        reason, limit = _REASONS.get(kind, ("", ""))
        if limit not in self._limits:
            return self._misfit()
        return _Unfit(reason, _plain(self._limits[limit]))


class _ForeignKey:
    """The column of a foreign key, whose type only Tortoise.init tells."""

    def __init__(self, model: type[Model], name: str, relation: RelationalField[Any]) -> None:
        self.required = relation.required
        self.is_key = relation.pk
        self._model = model
        self._name = name
        self._column: _Column | None = None

    def read(self, value: Any, strict: bool) -> Any:
        """The value to store. Raises _Unfit, and RuntimeError before Tortoise.init."""
        if self._column is None:
            field = self._model._meta.fields_map.get(self._name)
            if field is None:
                raise RuntimeError(f"{self._name} can be read only after Tortoise.init")
            self._column = _Column(field)
        return self._column.read(value, strict)


def _column(model: type[Model], name: str) -> _Readable:
    """What reads the field `name`. Raises TypeError."""
    known = model._meta.fields_map
    field, relation = known.get(name), known.get(name.removesuffix("_id"))
    if field is None and name.endswith("_id") and isinstance(relation, ForeignKeyFieldInstance):
        return _ForeignKey(model, name, relation)
    place = f"{model.__name__}.{name} cannot be writable"
    if field is None:
        names = ", ".join(_writable(model))
        raise TypeError(f"{place}: there is no such field; write some of {names}")
    if isinstance(field, ForeignKeyFieldInstance):
        raise TypeError(f"{place}: it is a relation; write its column, {name}_id")
    if isinstance(field, RelationalField):
        raise TypeError(f"{place}: it is a relation without a column here; leave it out, and write the other side")
    if field.generated or field.constraints.get("readOnly"):
        raise TypeError(f"{place}: it is filled in by itself; leave it out")
    try:
        return _Column(field)
    except pydantic.PydanticSchemaGenerationError:
        raise TypeError(f"{place}: a {type(field).__name__} cannot be sent; leave it out, set it in code") from None


def _writable(model: type[Model]) -> list[str]:
    names = []
    for name, field in model._meta.fields_map.items():
        if isinstance(field, ForeignKeyFieldInstance):
            names.append(f"{name}_id")
        elif not isinstance(field, RelationalField) and not field.generated and not field.reference:
            names.append(name)
    return names


def _kind(field: fields.Field[Any]) -> _Kind:
    if choices := getattr(field, "enum_type", None):
        return _Kind("not_a_choice", tuple({type(choice.value) for choice in choices}))
    return _JSON if isinstance(field, fields.JSONField) else _KINDS.get(field.field_type, _TEXT)


def _parser(kind: Any, limits: Mapping[str, Any]) -> Callable[[Any], Any]:
    if kind is bytes:
        raise pydantic.PydanticSchemaGenerationError("bytes")
    annotated: Any = Annotated[kind, pydantic.Field(**limits)] if limits else kind
    return pydantic.TypeAdapter[Any](annotated).validator.validate_python


_Check = Callable[[Any], None]


def _limits(field: fields.Field[Any]) -> tuple[dict[str, Any], list[_Check]]:
    """The bounds of a field as pydantic names them, and those of its validators that are no bounds."""
    limits: dict[str, Any] = {name: limit for name, limit in field.constraints.items() if name in _TIGHTER}
    if isinstance(field, fields.DecimalField):
        nines = (9,) * field.max_digits
        limits["ge"], limits["le"] = (Decimal((sign, nines, -field.decimal_places)) for sign in (1, 0))
        limits["decimal_places"] = field.decimal_places
    if isinstance(field, fields.TimeDeltaField):
        # Stored as a number of microseconds.
        limits["ge"], limits["le"] = (timedelta(microseconds=sign * (2**63 - 1)) for sign in (-1, 1))
    if field.field_type in (float, Decimal):
        limits["allow_inf_nan"] = False
    checks: list[_Check] = []
    for validator in field.validators:
        name, limit = _limit(validator, field.field_type)
        if name:
            limits[name] = _TIGHTER[name](limits.get(name, limit), limit)
        else:
            checks.append(validator)
    return limits, checks


_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {"ge": max, "le": min, "min_length": max, "max_length": min}
_ROUNDED: dict[object, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    int: (math.ceil, math.floor),
    float: (float, float),
    Decimal: (Decimal, Decimal),
}


def _limit(validator: object, kind: object) -> tuple[str, Any]:
    """The limit that a validator of Tortoise's puts on values of the type `kind`; its name is empty for another."""
    up, down = _ROUNDED.get(kind, (None, None))
    match validator:
        case validators.MinLengthValidator() if kind is str:
            return "min_length", validator.min_length
        case validators.MaxLengthValidator() if kind is str:
            return "max_length", validator.max_length
        case validators.MinValueValidator() if up:
            return "ge", up(validator.min_value)
        case validators.MaxValueValidator() if down:
            return "le", down(validator.max_value)
    return "", None


def _plain(limit: Any) -> int | str:
    if isinstance(limit, (float, Decimal)) and limit == int(limit):
        return int(limit)
    return limit if isinstance(limit, int) else str(limit)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _Unfit("bad") from None


def _check_json(value: object) -> None:
    """Raises _Unfit for what the databases' JSON cannot hold."""
    level = [value]
    for _ in range(JSON_LEVELS):
        if not all(map(_is_storable, level)):
            raise _Unfit("bad")
        level = [child for each in level for child in _children(each)]
    if level:
        raise _Unfit("bad")


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def _is_storable(value: object) -> bool:
    match value:
        case str():
            return "\0" not in value and not _SURROGATES.search(value)
        case float():
            return math.isfinite(value)
        case int():
            return value.bit_length() <= JSON_BITS
    return value is None or isinstance(value, (dict, list))
