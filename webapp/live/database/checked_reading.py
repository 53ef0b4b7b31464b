"""Reads rows so that one which cannot be read costs nothing but itself.

Any program may write the tables, and SQLite takes any value in any column: bytes that are no text, `yesterday` for a
time, a text for a number. PostgreSQL takes times that Python has not. Each row is checked when it is read: one that
does not fit its model is left out, and one line of the log names its table, key and column.

A page or a frame without the row has to get it once it is repaired, although the repair is an update, which a page
acts upon only where it shows the row. So the row is noted in `live_unreadable`, and the triggers of the change log
log the next update of a noted row as a create. A row is left out only if it still cannot be read after the note is
committed: whoever repairs it later finds the note.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

from pydantic_core import to_json
from tortoise import fields
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.backends.base.executor import BaseExecutor
from tortoise.fields.base import Field
from tortoise.models import Model

from webapp.live.database import unreadable_rows

logger = logging.getLogger(__name__)

REPORTS = 10_000
"""Rows and causes that are remembered as told; after that many, the log repeats them."""

REASON_LIMIT = 200
"""Characters of a cause in the log, at most: it may quote the value."""

YIELD = 1000
"""Rows that are read until the event loop gets its turn."""

# What asyncpg makes of an infinite time, alone without a zone.
_INFINITE = (datetime.min, datetime.max)  # noqa: DTZ901

_PLAIN_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")

_told: set[tuple[str, str, str]] = set()


class Unreadable(Exception):
    """A row that does not fit its model. column: as the database names it. key: of the row, as it came."""

    def __init__(self, model: type[Model], key: object, column: str, reason: str) -> None:
        super().__init__(reason)
        self.table = model._meta.db_table
        self.key = key
        self.column = column
        self.reason = reason


class LeftOut(NamedTuple):
    """A row that a query found and does not give. key: its own; cause: it, or a row that it is joined with."""

    key: Any
    cause: Unreadable


class Rows(list[Any]):
    """The rows that could be read. left_out: the primary keys of the others, as the database gave them."""

    left_out: Sequence[Any] = ()


def left_out(rows: Sequence[Any]) -> Sequence[Any]:
    """The primary keys of the rows that a query found and that could not be read."""
    return getattr(rows, "left_out", ())


def report(table: str, key: object, column: str, reason: str) -> None:
    """Say in the log that a row is left out: once for each row and cause, and not at each page load."""
    reason = reason[:REASON_LIMIT]
    line = (table, repr(key), f"{column} {reason}")
    if line in _told:
        return
    if len(_told) >= REPORTS:
        _told.clear()
    _told.add(line)
    logger.warning("%s %r is left out until it is repaired: column %s: %s", table, key, column, reason)


class CheckedReading(BaseExecutor):
    """For an executor of Tortoise's: every query for rows of a model gives those that can be read, as `Rows`.

    Tortoise makes one for each query, whose rows all have the same columns.
    """

    _reader: _Reader | None = None

    async def execute_select(
        self, sql: str, values: list[Any] | None = None, custom_fields: list[str] | None = None
    ) -> list[Any]:
        """The rows of the query. custom_fields: the names of annotations."""
        rows, bad = await self._read(sql, values, custom_fields or ())
        # In a transaction nothing is shown yet, and the note would go with a rollback.
        if bad and not isinstance(self.db, TransactionalDBClient):
            keys = [each.key for each in bad if each.key is not None]
            if await unreadable_rows.note(self.db, self.model._meta.db_table, keys):
                # A row may have been repaired before it was noted, and then nothing would ever bring it.
                rows, bad = await self._read(sql, values, custom_fields or ())
        for _, cause in bad:
            report(cause.table, cause.key, cause.column, cause.reason)
        rows.left_out = [each.key for each in bad]
        await self._execute_prefetch_queries(rows)
        return rows

    async def fetch_rows(self, sql: str, values: list[Any] | None) -> tuple[Sequence[Any], list[LeftOut]]:
        """The rows as they come, and those of which the driver can make nothing."""
        return (await self.db.execute_query(sql, values))[1], []

    async def _read(
        self, sql: str, values: list[Any] | None, custom_fields: Sequence[str]
    ) -> tuple[Rows, list[LeftOut]]:
        rows = Rows()
        raw, bad = await self.fetch_rows(sql, values)
        self._reader = None
        # Of a query for some columns Tortoise says that it joins its own table only.
        build = self._joined if len(self.select_related_idx or ()) > 1 else self._alone
        for number, row in enumerate(raw, 1):
            if number % YIELD == 0:
                await asyncio.sleep(0)
            try:
                instance = build(row)
            except Unreadable as cause:
                bad.append(LeftOut(dict(row).get(self.model._meta.db_pk_column), cause))
                continue
            for name in custom_fields:
                object.__setattr__(instance, name, row[name])
            rows.append(instance)
        return rows, bad

    @cached_property
    def _natives(self) -> frozenset[type[Any]]:
        return frozenset(self.DB_NATIVE)

    def _alone(self, row: Any) -> Model:
        if self._reader is None:
            self._reader = _reader(self.model, tuple(row.keys()), self._natives)
        return _built(self.model, row, self._reader)

    def _joined(self, row: Any) -> Model:
        """The row with those that its foreign keys lead to, each in its share of the columns, as the base class."""
        columns = list(dict(row).items())
        shares = self.select_related_idx or []
        _, end, _, _, path = shares[0]
        instance = checked(self.model, dict(columns[:end]), self._natives)
        found: dict[Any, Any] = {path: instance}
        for model, count, _, _, full_path in shares[1:]:
            *path_to, name = full_path
            share = columns[end : end + count]
            end += count
            other = None
            if any(value is not None for _, value in share):
                values = {column.split(".", 1)[1]: value for column, value in share}
                other = checked(model, values, self._natives)
            elif not count:
                other = model._init_from_db()  # noqa: SLF001 - only what it leads to was asked for
            holder = found.get(tuple(path_to))
            if holder is not None:
                object.__setattr__(holder, f"_{name}", other)
            if other is not None:
                found[(*path_to, name)] = other
        return instance


def checked(model: type[Model], row: Mapping[str, Any], natives: frozenset[type[Any]]) -> Model:
    """The instance for `row`, as Tortoise makes it. Raises Unreadable when a value does not fit its field.

    natives: the types that the database's driver gives as they are. Tortoise's own `Model._init_from_db` sets these
    without a look, and takes twice as long where a query asks for some columns only, as those of pages do.
    """
    return _built(model, row, _reader(model, tuple(row.keys()), natives))


def _built(model: type[Model], row: Mapping[str, Any], reader: _Reader) -> Model:
    instance = model.__new__(model)
    # Past the model's own __setattr__, which is for changes.
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
    except _Unfit as unfit:
        raise Unreadable(model, _key(model, row), column, str(unfit)) from unfit
    except Exception as error:
        raise Unreadable(model, _key(model, row), column, f"{type(error).__name__}: {error}") from error
    return instance


class _Unfit(Exception):
    """A value that does not fit."""


class _Column(NamedTuple):
    """convert: None for what comes as it is. kind: None when only the field knows. check: of the raw value and it."""

    column: str
    name: str
    convert: Callable[[Any], Any] | None
    kind: type[Any] | None
    is_nullable: bool
    check: Callable[[Any, Any], None] | None


class _Reader(NamedTuple):
    """For the columns of one query. state: what Tortoise keeps in an instance beside its fields."""

    columns: Sequence[_Column]
    state: Sequence[tuple[str, Any]]


@lru_cache(maxsize=1000)
def _reader(model: type[Model], names: tuple[str, ...], natives: frozenset[type[Any]]) -> _Reader:
    meta = model._meta
    columns = []
    for column in names:
        # A query may name them either way.
        name = meta.fields_db_projection_reverse.get(column, column)
        field = meta.fields_map.get(name)
        if field is not None:
            kind, convert = _type_of(field), _converter(field, natives)
            columns.append(_Column(column, name, convert, kind, field.null, _check_of(field)))
    is_partial = not {column.name for column in columns}.issuperset(meta.fields_db_projection)
    is_given = meta.db_pk_column not in meta.generated_db_fields
    state = [("_partial", is_partial), ("_saved_in_db", True), ("_custom_generated_pk", is_given)]
    return _Reader(columns, state)


def _converter(field: Field[Any], natives: frozenset[type[Any]]) -> Callable[[Any], Any] | None:
    is_default = type(field).to_python_value is Field.to_python_value
    if field.field_type in natives and (is_default or field.skip_to_python_if_native):
        return None
    if type(field).to_python_value is fields.DatetimeField.to_python_value:
        return partial(_to_time, field.to_python_value)
    return field.field_type if is_default else field.to_python_value


def _to_time(convert: Callable[[Any], Any], raw: Any) -> Any:
    # Most times are as SQLite writes them, and Tortoise's parser, made for all forms, takes ten times as long for them.
    return convert(datetime.fromisoformat(raw) if isinstance(raw, str) and _PLAIN_TIME.fullmatch(raw) else raw)


def _type_of(field: Field[Any]) -> type[Any] | None:
    """The type that a read value has; None when only the field itself knows."""
    choices: type[Any] | None = getattr(field, "enum_type", None)
    if choices is not None:
        return choices
    # A field of the user's own may read into any type.
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
        raise _Unfit("is null")
    # A duration is how some drivers give a time of day.
    if isinstance(value, (kind, timedelta) if kind is time else (kind, int) if kind is float else kind):
        return
    if isinstance(value, bytes) and kind is str:
        raise _Unfit("not a text in UTF-8")
    raise _Unfit(f"{type(value).__name__}, where {kind.__name__} is wanted")


def _check_json(raw: Any, value: Any) -> None:
    # Halves of characters, and what is nested too deep, can be sent to nobody.
    to_json(value, inf_nan_mode="null")


def _check_bool(raw: Any, value: Any) -> None:
    # bool() takes any text for true.
    if not isinstance(raw, int | None):
        raise _Unfit(f"{type(raw).__name__}, where bool is wanted")


def _check_finite(raw: Any, value: Any) -> None:
    if isinstance(raw, datetime) and raw.tzinfo is None and raw in _INFINITE:
        raise _Unfit("an infinite time")


def _check_key(raw: Any, value: Any) -> None:
    # A key that is written otherwise (a UUID in capitals) finds its row neither by the log nor by an edit.
    if isinstance(raw, str) and str(value) != raw:
        raise _Unfit("a key in another form than this app writes it")


def _key(model: type[Model], row: Mapping[str, Any]) -> object:
    names = dict(row)
    return names.get(model._meta.db_pk_column, names.get(model._meta.pk_attr))
