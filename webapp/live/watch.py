"""What a binding's triggers watch: a table, its columns, and the group that a row belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from webapp.live.binding import Binding

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Watch:
    """The names that the generated SQL is made of; `group` is a template over columns, such as `room:{room_id}`."""

    stream: str
    table: str
    pk: str
    columns: tuple[str, ...]
    group: str

    @classmethod
    def of(cls, binding: Binding[Any]) -> Watch:
        """The watch that `binding` declares."""
        meta = binding.model._meta
        columns = meta.fields_db_projection
        return cls(
            stream=binding.stream,
            table=meta.db_table,
            pk=columns[meta.pk_attr],
            columns=tuple(columns[field] for field in binding.fields),
            group=_PLACE.sub(lambda place: "{" + columns[place[1]] + "}", binding.group),
        )

    @property
    def group_columns(self) -> tuple[str, ...]:
        """The columns that decide a row's group."""
        return tuple(_PLACE.findall(self.group))

    def group_sql(self, row: str) -> str:
        """The SQL expression of the group's name for `row`, which is NEW, OLD or a table's alias."""
        parts = []
        for index, part in enumerate(_PLACE.split(self.group)):
            if index % 2:
                parts.append(f"CAST({row}.{quoted(part)} AS TEXT)")
            elif part:
                parts.append("'" + part.replace("'", "''") + "'")
        return " || ".join(parts)


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
