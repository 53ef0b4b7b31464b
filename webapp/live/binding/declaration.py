"""The base class of bindings and rights: it declares which rows of a model the triggers watch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from tortoise.models import Model

from webapp.live.binding.declaration_check import GROUP_COLUMN, complete_declaration

M = TypeVar("M", bound=Model)

Literal = bool | int | str | None
"""A value that `only` may require of a field."""


class Declaration(Generic[M]):
    """Declares which rows of a model the triggers watch, and to which group each row belongs.

    A subclass without a `stream` is a base for others.

    Attributes:
        model: The model, as a class or as `"<package>.<Model>"`. The name stands for a class in the `models` module of
            that package.
        stream: The name on the wire and in triggers, `[a-z][a-z0-9_]*`, at most 40 characters.
        group: A template of the group's name over the row's columns, such as `room:{room_id}`, or a constant.
        fields: The fields that readers see, `"__all__"` or a sequence. An update of other fields is no change. Readers
            always see the primary key, which is not listed here.
        exclude: The fields that readers do not see; an alternative to `fields`.
        only: Values that a row's columns need for the row to be in any group, such as `{"is_public": True}`.
        belongs_to: Models that own rows, by the column that holds the owner's primary key, such as `{"room_id": Room}`.
            When an owner is deleted, its rows are deleted too. Foreign keys do not belong here.
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
        """The columns in the template of the group's name."""
        return GROUP_COLUMN.findall(self.group)

    @cached_property
    def _groups(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(self.group)), re.DOTALL)

    def scope(self, group: str) -> Mapping[str, str] | None:
        """Return the values of the group columns in a group's name.

        Args:
            group: The group's name.

        Returns:
            The values as text, by column; None when no row can be in this group.
        """
        match = self._groups.fullmatch(group)
        return match.groupdict() if match else None

    def conditions(self, group: str) -> dict[str, Any]:
        """Return the arguments of the model's `filter` for the rows of `group`.

        Raises:
            LookupError: No row can be in this group.
        """
        scope = self.scope(group)
        if scope is None:
            raise LookupError(f"{group} is no group of the stream {self.stream}")
        nulls = {f"{name}__isnull": True for name, value in self.only.items() if value is None}
        return {**nulls, **{name: value for name, value in self.only.items() if value is not None}, **scope}

    def group_of(self, row: M) -> str | None:
        """Return the group that `row` belongs to; None when it is in no group."""
        if any(getattr(row, name) != value for name, value in self.only.items()):
            return None
        values = {name: getattr(row, name) for name in self.group_columns}
        return None if None in values.values() else GROUP_COLUMN.sub(lambda column: str(values[column[1]]), self.group)
