"""Builds a model's instance from a row of the database, and checks each value against its field.

SQLite takes any value in any column: bytes that are no text, `yesterday` for a time, a text for a number. PostgreSQL
takes times that Python's datetime cannot hold. Tortoise's own `Model._init_from_db` sets such values without a check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from pydantic_core import to_json
from tortoise import fields
from tortoise.fields.base import Field
from tortoise.models import Model

# asyncpg gives these for an infinite time, without a time zone.
_INFINITE = (datetime.min, datetime.max)  # noqa: DTZ901

_PLAIN_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")


class Unreadable(Exception):
    """A row that does not fit its model.

    Attributes:
        table: The row's table.
        key: The row's primary key, as the database gave it.
        column: The column that does not fit, as the database names it.
        reason: Why it does not fit.
    """

    def __init__(self, model: type[Model], key: object, column: str, reason: str) -> None:
        super().__init__(reason)
        self.table = model._meta.db_table
        self.key = key
        self.column = column
        self.reason = reason


class _Misfit(Exception):
    """A value that does not fit its field."""


class _Column(NamedTuple):
    """How one column of a query becomes an attribute.

    Attributes:
        column: Its name in the query.
        name: The attribute's name.
        convert: Makes the attribute's value of the column's; None: the value stays the same.
        kind: The type that the attribute needs; None: only the field knows it.
        is_nullable: Whether the attribute may be None.
        check: Raises for a value that does not fit, given the column's value and the attribute's; None: no check.
    """

    column: str
    name: str
    convert: Callable[[Any], Any] | None
    kind: type[Any] | None
    is_nullable: bool
    check: Callable[[Any, Any], None] | None


class Reader(NamedTuple):
    """How the columns of one query become an instance.

    Attributes:
        columns: The columns that are fields of the model.
        state: The attributes that Tortoise keeps in an instance besides its fields, with their values.
    """

    columns: Sequence[_Column]
    state: Sequence[tuple[str, Any]]


def checked(model: type[Model], row: Mapping[str, Any], natives: frozenset[type[Any]]) -> Model:
    """Return the instance for `row`, as Tortoise makes it.

    Tortoise's own `Model._init_from_db` takes twice as long for a query of some columns, as those of pages are.

    Args:
        model: The model of the row.
        row: The values by column.
        natives: The types that the database's driver returns as they are.

    Raises:
        Unreadable: A value does not fit its field.
    """
    return build(model, row, reader_for(model, tuple(row.keys()), natives))


def build(model: type[Model], row: Mapping[str, Any], reader: Reader) -> Model:
    """Return the instance for `row`, with the `reader` for its columns.

    Raises:
        Unreadable: A value does not fit its field.
    """
    instance = model.__new__(model)
    # The model's own __setattr__ marks changes. Nothing has changed here, so it is passed by.
    put = partial(object.__setattr__, instance)
    for name, value in reader.state:
        put(name, value)
    put("_await_when_save", {})
    values = instance.__dict__
    column = ""
    try:
        for column, name, convert, kind, is_nullable, check in reader.columns:
            raw = row[column]
            value = raw if convert is None or raw is None else convert(raw)
            if type(value) is not kind and kind is not None and not (value is None and is_nullable):
                _check_type(value, kind)
            if check is not None:
                check(raw, value)
            values[name] = value
    except _Misfit as misfit:
        raise Unreadable(model, _key(model, row), column, str(misfit)) from misfit
    except Exception as error:
        raise Unreadable(model, _key(model, row), column, f"{type(error).__name__}: {error}") from error
    return instance


@lru_cache(maxsize=1000)
def reader_for(model: type[Model], names: tuple[str, ...], natives: frozenset[type[Any]]) -> Reader:
    """Return how a query's columns become an instance; made once for each model and set of columns.

    Args:
        model: The model of the rows.
        names: The query's columns, each by its field's or by its column's name.
        natives: The types that the database's driver returns as they are.
    """
    meta = model._meta
    columns = []
    for column in names:
        name = meta.fields_db_projection_reverse.get(column, column)
        field = meta.fields_map.get(name)
        if field is not None:
            kind, convert = _type_of(field), _converter(field, natives)
            columns.append(_Column(column, name, convert, kind, field.null, _check_of(field)))
    is_partial = not {column.name for column in columns}.issuperset(meta.fields_db_projection)
    is_given = meta.db_pk_column not in meta.generated_db_fields
    state = [("_partial", is_partial), ("_saved_in_db", True), ("_custom_generated_pk", is_given)]
    return Reader(columns, state)


def _converter(field: Field[Any], natives: frozenset[type[Any]]) -> Callable[[Any], Any] | None:
    is_default = type(field).to_python_value is Field.to_python_value
    if field.field_type in natives and (is_default or field.skip_to_python_if_native):
        return None
    if type(field).to_python_value is fields.DatetimeField.to_python_value:
        return partial(_to_time, field.to_python_value)
    return field.field_type if is_default else field.to_python_value


def _to_time(convert: Callable[[Any], Any], raw: Any) -> Any:
    # If Tortoise's parser, which knows all forms, read every time, it would take ten times as long for the form in
    # which SQLite writes most of them.
    return convert(datetime.fromisoformat(raw) if isinstance(raw, str) and _PLAIN_TIME.fullmatch(raw) else raw)


def _type_of(field: Field[Any]) -> type[Any] | None:
    """Return the type that a value of `field` has in Python; None when only the field itself knows."""
    choices: type[Any] | None = getattr(field, "enum_type", None)
    if choices is not None:
        return choices
    # A field class of the app's own may convert into any type, so its values are not compared with `field_type`.
    is_known = type(field).to_python_value.__module__.startswith("tortoise.")
    return None if isinstance(field, fields.JSONField) or not is_known else field.field_type


def _check_of(field: Field[Any]) -> Callable[[Any, Any], None] | None:
    if field.pk:
        return _check_key
    if isinstance(field, fields.JSONField):
        return _check_json
    return {bool: _check_bool, datetime: _check_finite}.get(field.field_type)


def _check_type(value: Any, kind: type[Any]) -> None:
    if value is None:
        raise _Misfit("is null")
    # If only a time were accepted, rows would be left out with those drivers that return a time of day as a duration.
    if isinstance(value, (kind, timedelta) if kind is time else (kind, int) if kind is float else kind):
        return
    if isinstance(value, bytes) and kind is str:
        raise _Misfit("not a text in UTF-8")
    raise _Misfit(f"{type(value).__name__}, where {kind.__name__} is wanted")


def _check_json(raw: Any, value: Any) -> None:
    # If the value holds a lone surrogate, or is nested too deep, no client can be sent it, so this raises.
    to_json(value, inf_nan_mode="null")


def _check_bool(raw: Any, value: Any) -> None:
    # bool() makes True of every text, so a text would pass the type check.
    if not isinstance(raw, int | None):
        raise _Misfit(f"{type(raw).__name__}, where bool is wanted")


def _check_finite(raw: Any, value: Any) -> None:
    if isinstance(raw, datetime) and raw.tzinfo is None and raw in _INFINITE:
        raise _Misfit("an infinite time")


def _check_key(raw: Any, value: Any) -> None:
    # If the key is stored in another form (a UUID in capitals), neither the change log nor an edit finds the row by
    # the form that this app writes.
    if isinstance(raw, str) and str(value) != raw:
        raise _Misfit("a key in another form than this app writes it")


def _key(model: type[Model], row: Mapping[str, Any]) -> object:
    names = dict(row)
    return names.get(model._meta.db_pk_column, names.get(model._meta.pk_attr))
