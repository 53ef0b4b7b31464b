"""Converts a value that a client sends into the value of a model's column, by the rules that `validator` states."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Protocol

import pydantic
from tortoise import fields
from tortoise.exceptions import ValidationError
from tortoise.fields.relational import ForeignKeyFieldInstance, RelationalField
from tortoise.models import Model

from webapp.live.validation.column_kinds import JSON, kind_of
from webapp.live.validation.constraints import constraints_of, plain
from webapp.live.validation.json_values import is_storable_json
from webapp.live.validation.texts import cleaned, is_blank, is_storable, plainly_signed


class Unfit(Exception):
    """A value that a column cannot take.

    Attributes:
        reason: As in FieldProblem.
        limit: As in FieldProblem.
    """

    def __init__(self, reason: str, limit: int | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


# The reason for each of pydantic's error types, and the name of the constraint that the value breaks.
_REASONS = {
    "string_too_long": ("too_long", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "greater_than_equal": ("too_small", "ge"),
    "less_than_equal": ("too_large", "le"),
    "decimal_max_places": ("bad", "decimal_places"),
}


class Readable(Protocol):
    """A column that clients may set.

    Attributes:
        required: Whether a new row needs a value for it.
        is_key: Whether it is the primary key.
    """

    required: bool
    is_key: bool

    def read(self, value: Any, strict: bool) -> Any:
        """Return the value to store.

        Args:
            value: The value that the client sent.
            strict: Whether it is a JSON value; otherwise it is from a form.

        Raises:
            Unfit: The column cannot take it.
        """


class _Column:
    """A column whose field has a Python type of its own.

    Raises:
        PydanticSchemaGenerationError: Clients cannot send values of that type.
    """

    def __init__(self, field: fields.Field[Any]) -> None:
        self.required = field.required
        self.is_key = field.pk
        self._null = field.null
        self._may_be_empty = field.null or "" in (field.default, field.db_default)
        self._one_line = isinstance(field, fields.CharField)
        choices: type[Enum] | None = getattr(field, "enum_type", None)
        self._choices = [str(choice.value) for choice in choices or ()]
        self._type: Any = choices or field.field_type
        self._kind = kind_of(field)
        self._constraints, self._checks = constraints_of(field)
        self._parse = _parser(self._type, self._constraints)
        self._finish = field.to_python_value if self._type in (datetime, time, Decimal) else None

    def read(self, value: Any, strict: bool) -> Any:
        """Return the value to store, as `Readable.read` does."""
        if type(value) is list and not strict:
            value = self._last(value)
        if type(value) is str and (not strict or str in self._kind.typed):
            value = self._text(value, strict)
        elif value is not None and type(value) not in self._kind.typed:
            raise Unfit("bad") if isinstance(value, (dict, list)) else self._misfit()
        if value is None:
            if self._null:
                return None
            raise Unfit("missing")
        if self._kind is JSON and not is_storable_json(value):
            raise Unfit("bad")
        return self._checked(value)

    def _last(self, values: list[Any]) -> Any:
        if self._type is bool and values:
            return values[-1]
        raise Unfit("bad")

    def _text(self, text: str, strict: bool) -> Any:
        """Return the cleaned text, None for an empty one, or the parsed JSON of a JSONField."""
        if self._type is str:
            text = cleaned(text, self._one_line)
            # pydantic finds lone surrogates only where it counts characters. If one came through, PostgreSQL would
            # refuse the row.
            if not is_storable(text):
                raise Unfit("bad")
            text = "" if is_blank(text) else text
            if not text and not self._may_be_empty:
                raise Unfit("blank")
            return text or self._empty(strict)
        text = text.strip()
        if self._type in (int, float, Decimal):
            text = plainly_signed(text)
        if not text and not strict and "" not in self._choices:
            return None
        if self._kind.shape and not self._kind.shape.match(text):
            raise self._misfit()
        return self._parsed(text) if self._kind is JSON else text

    def _parsed(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise Unfit("bad") from None

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
            # If a time zone moves a date out of Python's calendar, or a number has too many digits for a Decimal,
            # Python raises these.
            raise self._misfit() from None
        for check in self._checks:
            try:
                check(value.value if isinstance(value, Enum) else value)
            except (ValidationError, ValueError):
                raise Unfit("bad") from None
        return value

    def _misfit(self) -> Unfit:
        return Unfit(self._kind.problem, ", ".join(self._choices) or None)

    def _unfit(self, error: pydantic.ValidationError, value: Any) -> Unfit:
        kind = error.errors(include_url=False, include_context=False, include_input=False)[0]["type"]
        if kind == "int_parsing_size" and not self._choices:
            kind = "greater_than_equal" if str(value).startswith("-") else "less_than_equal"
        if kind == "string_unicode":
            return Unfit("bad")
        reason, limit = _REASONS.get(kind, ("", ""))
        if limit not in self._constraints:
            return self._misfit()
        return Unfit(reason, plain(self._constraints[limit]))


class _ForeignKey:
    """The column of a foreign key. Its type is known only after Tortoise.init."""

    def __init__(self, model: type[Model], name: str, relation: RelationalField[Any]) -> None:
        self.required = relation.required
        self.is_key = relation.pk
        self._model = model
        self._name = name
        self._column: _Column | None = None

    def read(self, value: Any, strict: bool) -> Any:
        """Return the value to store, as `Readable.read` does.

        Raises:
            Unfit: The column cannot take the value.
            RuntimeError: Tortoise.init has not run yet.
        """
        if self._column is None:
            field = self._model._meta.fields_map.get(self._name)
            if field is None:
                raise RuntimeError(f"{self._name} can be read only after Tortoise.init")
            self._column = _Column(field)
        return self._column.read(value, strict)


def column_of(model: type[Model], name: str) -> Readable:
    """Return the reader of a column.

    Args:
        model: The model that has the column.
        name: The field, or the column of a foreign key, such as `room_id`.

    Raises:
        TypeError: Clients cannot set such a field. The text says what to write instead.
    """
    known = model._meta.fields_map
    field, relation = known.get(name), known.get(name.removesuffix("_id"))
    if field is None and name.endswith("_id") and isinstance(relation, ForeignKeyFieldInstance):
        return _ForeignKey(model, name, relation)
    subject = f"{model.__name__}.{name} cannot be writable"
    if field is None:
        names = ", ".join(_writable(model))
        raise TypeError(f"{subject}: there is no such field; write some of {names}")
    if isinstance(field, ForeignKeyFieldInstance):
        raise TypeError(f"{subject}: it is a relation; write its column, {name}_id")
    if isinstance(field, RelationalField):
        raise TypeError(f"{subject}: it is a relation without a column here; leave it out, and write the other side")
    if field.generated or field.constraints.get("readOnly"):
        raise TypeError(f"{subject}: it is filled in by itself; leave it out")
    try:
        return _Column(field)
    except pydantic.PydanticSchemaGenerationError:
        raise TypeError(f"{subject}: a {type(field).__name__} cannot be sent; leave it out, set it in code") from None


def _writable(model: type[Model]) -> list[str]:
    names = []
    for name, field in model._meta.fields_map.items():
        if isinstance(field, ForeignKeyFieldInstance):
            names.append(f"{name}_id")
        elif not isinstance(field, RelationalField) and not field.generated and not field.reference:
            names.append(name)
    return names


def _parser(kind: Any, constraints: Mapping[str, Any]) -> Callable[[Any], Any]:
    if kind is bytes:
        raise pydantic.PydanticSchemaGenerationError("bytes")
    annotated: Any = Annotated[kind, pydantic.Field(**constraints)] if constraints else kind
    return pydantic.TypeAdapter[Any](annotated).validator.validate_python
