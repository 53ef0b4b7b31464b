"""Which foreign key leads to no row, when the database has refused a row for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.models import Model
from tortoise.queryset import QuerySet


async def dangling(model: type[Model], values: Mapping[str, Any], belongs_to: Mapping[str, type[Model]]) -> str | None:
    """The first column among `values`, those of a row, that refers to a row which is not there, if one does.

    belongs_to: what columns refer to that are no foreign keys of `model`.
    """
    for name, owner in sorted(belongs_to.items()):
        if values.get(name) is not None and not await QuerySet(owner).filter(pk=values[name]).exists():
            return name
    meta = model._meta
    for name in sorted(meta.fk_fields | meta.o2o_fields):
        field: Any = meta.fields_map[name]
        column = f"{name}_id"
        key = values.get(column)
        if key is None:
            continue
        # Not related_model.filter, whose manager may hide rows that the database still sees.
        if not await QuerySet(field.related_model).filter(**{field.to_field_instance.model_field_name: key}).exists():
            return column
    return None
