"""Describes the table, the columns and the groups that the triggers of one declaration watch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tortoise.fields.base import OnDelete
from tortoise.models import MetaInfo, Model

from webapp.live.database import fill, literal, quoted
from webapp.live.validation import unique_sets

Value = bool | int | str | None
"""A value that `only` may require of a column."""

_COLUMN = re.compile(r"\{(\w+)\}")


class Declared(Protocol):
    """The part of a declaration that the triggers depend on; `Declaration` explains each attribute."""

    @property
    def model(self) -> type[Model]:
        """The model whose rows are watched."""

    @property
    def stream(self) -> str:
        """The stream's name, which the names of triggers contain."""

    @property
    def group(self) -> str:
        """The template of the group's name."""

    @property
    def fields(self) -> Sequence[str]:
        """The fields whose updates the triggers log."""

    @property
    def belongs_to(self) -> Mapping[str, type[Model]]:
        """The models that own rows, by the column that holds the owner's primary key."""

    @property
    def only(self) -> Mapping[str, Value]:
        """The values that a row's columns need for the row to be in any group."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key of the watched table. Its rows are deleted, or changed, with the parent row.

    Attributes:
        table: The parent's table.
        key: The parent's column that the foreign key refers to.
        column: The column of the watched table.
        is_kept: Whether the rows stay with NULL in `column` when the parent is deleted; otherwise they are deleted.
        unique: The parent's sets of unique columns, besides the key.
    """

    table: str
    key: str
    column: str
    is_kept: bool
    unique: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """The names from which the SQL of one declaration's triggers is generated.

    Attributes:
        stream: The stream's name.
        table: The watched table.
        pk: The column of its primary key.
        columns: The columns whose updates the triggers log.
        group: A template of the group's name over columns, such as `room:{room_id}`.
        only: The values that a row needs to be in any group, by column.
        unique: The sets of unique columns, besides the primary key.
        references: The foreign keys whose rows go with their parent.

    Raises:
        ValueError: A column's name holds a comma or a quote. The log joins names with commas, so it could not tell such
            a name from two.
    """

    stream: str
    table: str
    pk: str
    columns: tuple[str, ...]
    group: str
    only: Mapping[str, Value] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        for column in self.columns:
            if any(mark in column for mark in ",\"'"):
                raise ValueError(f"stream {self.stream}: the column {column!r} needs a name without commas and quotes")

    @classmethod
    def of(cls, binding: Declared) -> Watch:
        """Return the watch that `binding` declares.

        Raises:
            ValueError: The binding's `only` can hold for no row.
        """
        meta = binding.model._meta
        columns = meta.fields_db_projection
        for name, value in binding.only.items():
            check_only(meta, name, value)
        return cls(
            stream=binding.stream,
            table=meta.db_table,
            pk=columns[meta.pk_attr],
            columns=tuple(columns[field] for field in binding.fields),
            group=_COLUMN.sub(lambda found: "{" + columns[found[1]] + "}", binding.group),
            only={columns[name]: value for name, value in binding.only.items()},
            unique=_unique(binding.model, meta.pk_attr),
            references=(*_references(meta), *_belongings(binding.belongs_to, columns)),
        )

    @property
    def group_columns(self) -> tuple[str, ...]:
        """The columns that decide a row's group, and whether it has one."""
        return tuple(dict.fromkeys([*_COLUMN.findall(self.group), *self.only]))

    def group_sql(self, row: str) -> str:
        """Return the SQL expression for the name of a row's group; it is NULL for a row in no group.

        Args:
            row: NEW, OLD or the alias of a table.
        """
        parts = []
        for index, part in enumerate(_COLUMN.split(self.group)):
            if index % 2:
                parts.append(f"CAST({row}.{quoted(part)} AS TEXT)")
            elif part:
                parts.append(literal(part))
        name = " || ".join(parts)
        if not self.only:
            return name
        conditions = (_equal(f"{row}.{quoted(column)}", value) for column, value in self.only.items())
        return fill(
            """
            CASE
                WHEN {conditions}
                THEN {name}
            END
            """,
            {"conditions": "\n    AND ".join(conditions), "name": name},
        )


def _unique(model: type[Model], key: str) -> tuple[tuple[str, ...], ...]:
    columns = model._meta.fields_db_projection
    return tuple(tuple(columns[name] for name in names) for names in unique_sets(model) if names != (key,))


def _references(meta: MetaInfo) -> Iterator[Reference]:
    for name in sorted(meta.fk_fields | meta.o2o_fields):
        field: Any = meta.fields_map[name]
        # Before Tortoise.init the related model is still a name, so nothing is known of its columns.
        if not isinstance(field.related_model, str) and field.on_delete in (OnDelete.CASCADE, OnDelete.SET_NULL):
            parent, key = field.related_model._meta, field.to_field_instance.model_field_name
            yield Reference(
                table=parent.db_table,
                key=parent.fields_db_projection[key],
                column=meta.fields_db_projection[f"{name}_id"],
                is_kept=field.on_delete == OnDelete.SET_NULL,
                unique=_unique(field.related_model, key),
            )


def _belongings(owners: Mapping[str, type[Model]], columns: Mapping[str, str]) -> Iterator[Reference]:
    for name, owner in sorted(owners.items()):
        key = owner._meta.pk_attr
        yield Reference(
            table=owner._meta.db_table,
            key=owner._meta.fields_db_projection[key],
            column=columns[name],
            is_kept=False,
            unique=_unique(owner, key),
        )


def _equal(column: str, value: Value) -> str:
    if value is None:
        return f"{column} IS NULL"
    if isinstance(value, bool):
        # If this wrote 1 and 0, PostgreSQL would refuse to compare them with a boolean column. Both know these words.
        return f"{column} = {'TRUE' if value else 'FALSE'}"
    # If an enumeration's member were formatted without int(), its name could get into the SQL.
    return f"{column} = {literal(value) if isinstance(value, str) else int(value)}"


def check_only(meta: MetaInfo, name: str, value: Value) -> None:
    """Check that one requirement of `only` can hold for some row.

    Args:
        meta: The model's description.
        name: The column's attribute.
        value: The value that `only` requires.

    Raises:
        ValueError: There is no such column, or it never has such a value.
    """
    # If the types differed, PostgreSQL would refuse the comparison in the trigger, and so each write of the table.
    model = meta.full_name.rpartition(".")[2]  # before Tortoise.init there is no app before the dot
    if name not in meta.fields_db_projection:
        names = ", ".join(sorted(meta.fields_db_projection))
        raise ValueError(f"{model} has no column for only = {{{name!r}: …}}; it has {names}")
    wanted = meta.fields_map[name].field_type
    if value is not None and not (isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool)):
        raise ValueError(
            f"only = {{{name!r}: {value!r}}} never holds: {model}.{name} has values of type {wanted.__name__}"
        )
