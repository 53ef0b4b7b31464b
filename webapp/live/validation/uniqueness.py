"""Finds the field whose value another row has, after the database has refused a row as not unique."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tortoise.fields.base import Field
from tortoise.fields.db_defaults import SqlDefault
from tortoise.fields.relational import RelationalField
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model
from tortoise.queryset import QuerySet

from webapp.live.validation.validator import FieldProblem


async def conflict(model: type[Model], values: Mapping[str, Any], pk: Any | None) -> FieldProblem | None:
    """Return which field is `taken`, after an IntegrityError.

    In a set of fields that are unique together, null counts as a value like another, as in an index over
    `coalesce(room_id, 0)`. A set of nulls alone is never taken. Constraints that have a condition are ignored.

    Args:
        model: The model of the refused row.
        values: The values of the whole row. A field of a new row that is not among them has its default.
        pk: The row's primary key; None for a new row.

    Returns:
        A problem of the unique field, or of the last field of the set that `values` has. None when no row has the same
        values: it is gone by now, or the error had another cause, such as a foreign key to a missing row.
    """
    for names in unique_sets(model):
        row = _values_of(model, names, values)
        named = [name for name in names if name in values]
        if row is None or not named or all(value is None for value in row.values()):
            continue
        same = dict((f"{name}__isnull", True) if value is None else (name, value) for name, value in row.items())
        # If this used model.filter, its manager could hide rows that the database still counts.
        others = QuerySet(model).filter(**same)
        if pk is not None:
            others = others.exclude(pk=pk)
        if await others.exists():
            return FieldProblem(named[-1], "taken")
    return None


def unique_sets(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """Yield each set of fields that are unique, alone or together, as names of the columns' attributes."""
    meta = model._meta
    for name, field in meta.fields_map.items():
        if field.unique and not isinstance(field, RelationalField):
            yield (name,)
    sets = [*meta.unique_together, *(each.fields for each in meta.constraints if _is_whole(each))]
    for names in sets:
        yield tuple(f"{name}_id" if isinstance(meta.fields_map[name], RelationalField) else name for name in names)


def _is_whole(constraint: object) -> bool:
    return isinstance(constraint, UniqueConstraint) and constraint.condition is None


def _values_of(model: type[Model], names: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the row's values for `names`; None when only the database knows one of them."""
    row: dict[str, Any] = {}
    for name in names:
        field = model._meta.fields_map[name]
        if name not in values and not _has_known_default(field):
            return None
        row[name] = values[name] if name in values else _default(field)
    return row


def _has_known_default(field: Field[Any]) -> bool:
    if callable(field.default) or field.generated:
        return False
    return field.default is not None or not isinstance(field.db_default, SqlDefault)


def _default(field: Field[Any]) -> Any:
    return field.db_default if field.default is None and field.has_db_default() else field.default
