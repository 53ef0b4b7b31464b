"""Lists the attributes of a model that are columns."""

from __future__ import annotations

from tortoise.models import Model


def columns_of(model: type[Model]) -> list[str]:
    """Return the attributes of `model` that are columns, with the primary key, in the order of the fields."""
    meta = model._meta
    columns = {name: f"{name}_id" for name in (*meta.fk_fields, *meta.o2o_fields)}
    named = [name for name in meta.fields_map if name in columns or name in meta.fields_db_projection]
    # After Tortoise.init a foreign key's column has a field of its own as well. If it stayed, it would be listed twice.
    return list(dict.fromkeys(columns.get(name, name) for name in named))
