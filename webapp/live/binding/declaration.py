"""What a class has to say of a model for its rows to be watched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from tortoise.models import Model

from webapp.live.binding.declaration_check import GROUP_COLUMN, complete_declaration

M = TypeVar("M", bound=Model)

Literal = bool | int | str | None
"""What a field can be asked to equal, in `only`."""


class Declaration(Generic[M]):
    """Which rows are watched, and who is told of them. A subclass without a `stream` is a base for others.

    Attributes:
        model: Whose rows, as a class or as `"<package>.<Model>"`, which stands in the `models` module of that package.
        stream: Its name on the wire and in triggers, `[a-z][a-z0-9_]*`, at most 40 characters.
        group: A template over the row's columns, such as `room:{room_id}`, or a constant.
        fields: What readers see, `"__all__"` or a sequence; an update of no other field is a change. The primary key
            is always seen, and is not named.
        exclude: Readers see all fields but these; an alternative to `fields`.
        only: Values that a row's columns need for the row to be in any group, such as `{"is_public": True}`.
        belongs_to: Models whose rows take these with them when they are deleted, by the column that holds their primary
            key; for a column that is no foreign key of the model's, such as `{"room_id": Room}`.
    """

    model: ClassVar[Any]
    stream: ClassVar[str]
    group: ClassVar[str]
    fields: ClassVar[Sequence[str]]
    exclude: ClassVar[Sequence[str]]
    only: ClassVar[Mapping[str, Literal]] = {}
    belongs_to: ClassVar[Mapping[str, type[Model]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "stream"):
            complete_declaration(cls)

    @property
    def label(self) -> str:
        """The model's name on the wire, `<package>.<Model>`, or `<module>.<Model>` for a module in no package."""
        *packages, module = self.model.__module__.split(".")
        return f"{(packages or [module])[-1]}.{self.model.__name__}"

    @cached_property
    def group_columns(self) -> Sequence[str]:
        """The columns in the names of groups."""
        return GROUP_COLUMN.findall(self.group)

    @cached_property
    def _groups(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(self.group)), re.DOTALL)

    def scope(self, group: str) -> Mapping[str, str] | None:
        """Return the values of the columns in `group`'s name, as text; None when no row is ever in this group."""
        match = self._groups.fullmatch(group)
        return match.groupdict() if match else None

    def conditions(self, group: str) -> dict[str, Any]:
        """Return what to filter the model by for the rows of `group`.

        Raises:
            LookupError: No row is ever in this group.
        """
        scope = self.scope(group)
        if scope is None:
            raise LookupError(f"{group} is no group of the stream {self.stream}")
        nulls = {f"{name}__isnull": True for name, value in self.only.items() if value is None}
        return {**nulls, **{name: value for name, value in self.only.items() if value is not None}, **scope}

    def group_of(self, row: M) -> str | None:
        """Return the group that `row` belongs to, if any."""
        if any(getattr(row, name) != value for name, value in self.only.items()):
            return None
        values = {name: getattr(row, name) for name in self.group_columns}
        return None if None in values.values() else GROUP_COLUMN.sub(lambda column: str(values[column[1]]), self.group)
