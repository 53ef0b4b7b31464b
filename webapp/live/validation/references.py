"""Finds the foreign key that refers to no row, after the database has refused a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tortoise.models import Model
from tortoise.queryset import QuerySet


async def dangling(model: type[Model], values: Mapping[str, Any], belongs_to: Mapping[str, type[Model]]) -> str | None:
    """Return the first column that refers to a missing row, if there is one.

    Args:
        model: The model of the refused row.
        values: The values of that row, by column.
        belongs_to: The models that columns refer to without being foreign keys of `model`, by column.
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
        # If this used related_model.filter, its manager could hide rows that the database still sees.
        if not await QuerySet(field.related_model).filter(**{field.to_field_instance.model_field_name: key}).exists():
            return column
    return None
