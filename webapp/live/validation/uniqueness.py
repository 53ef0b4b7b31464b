"""Which field another row has already, when the database has refused a row as not unique."""

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
    """What is `taken`, after an IntegrityError: a unique field, or the last named field of a set unique together.

    values: the whole row's; what a new row has been given no value for has its default. pk: the row's own; None for a
    new one. In a set, null is a value like another, as in an index over `coalesce(room_id, 0)`; but a set of nulls only
    is never taken. None when no row stands in the way: it has gone since, or the cause was another, such as a foreign
    key to a row that is not there. Constraints that have a condition are not looked at.
    """
    for names in unique_sets(model):
        row = _values_of(model, names, values)
        named = [name for name in names if name in values]
        if row is None or not named or all(value is None for value in row.values()):
            continue
        same = dict((f"{name}__isnull", True) if value is None else (name, value) for name, value in row.items())
        # Not model.filter, whose manager may hide rows that the database still counts.
        others = QuerySet(model).filter(**same)
        if pk is not None:
            others = others.exclude(pk=pk)
        if await others.exists():
            return FieldProblem(named[-1], "taken")
    return None


def unique_sets(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """The fields that are unique, each alone or together, as names of columns' attributes."""
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
    """The values of the row for `names`; None when only the database knows one of them."""
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
