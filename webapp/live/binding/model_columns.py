"""The attributes of a model that are columns."""

from __future__ import annotations

from tortoise.models import Model


def columns_of(model: type[Model]) -> list[str]:
    """The attributes of `model` that are columns, the primary key too, in the order of its fields."""
    meta = model._meta
    columns = {name: f"{name}_id" for name in (*meta.fk_fields, *meta.o2o_fields)}
    named = [name for name in meta.fields_map if name in columns or name in meta.fields_db_projection]
    # Once Tortoise is initialised a foreign key's column has a field of its own besides.
    return list(dict.fromkeys(columns.get(name, name) for name in named))
