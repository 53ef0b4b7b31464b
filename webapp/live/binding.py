"""A binding ties a model's rows to a stream of fragments on every page of a group."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Generic, TypeVar

from tortoise.models import Model

from webapp.live.inbound import Inbound, Refused, Reply

M = TypeVar("M", bound=Model)

Render = Callable[[str, object], str]
"""Renders a template, by name, with a context object's fields."""

_PLACE = re.compile(r"\\\{(\w+)\\\}")


class Binding(Generic[M]):
    """Declare one by subclassing; `webapp.chat.bindings` is an example.

    model: whose rows. stream: its name on the wire and in triggers, `[a-z][a-z0-9_]*`.
    group: a template over the row's fields, such as `room:{room_id}`, or a constant.
    fields: what pages show; an update of none of these is no change.
    template: renders one row, given `context(row)`. target: selector of the list that it goes into.
    element: rows have the id `<element>-<pk>`. window: how many of the newest rows a page starts with; None: all.
    only: values that a row's fields have to have for it to be in any group, such as `{"is_public": True}`.
    """

    model: type[M]
    stream: ClassVar[str]
    group: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    template: ClassVar[str]
    target: ClassVar[str]
    element: ClassVar[str]
    window: ClassVar[int | None] = None
    only: ClassVar[Mapping[str, bool | int | str | None]] = {}

    def context(self, row: M) -> object:
        """The template's context for `row`."""
        raise NotImplementedError

    async def afresh(self, group: str, render: Render) -> str:
        """The whole list as a frame, for a page that is too far behind."""
        raise NotImplementedError

    async def create(self, inbound: Inbound) -> Reply:
        """Make a row as the visitor asks. Raises Refused."""
        raise Refused("unknown_action")

    async def update(self, inbound: Inbound) -> Reply:
        """Change a row as the visitor asks. Raises Refused."""
        raise Refused("unknown_action")

    async def delete(self, inbound: Inbound) -> Reply:
        """Delete a row as the visitor asks. Raises Refused."""
        raise Refused("unknown_action")

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do the action of that name. Raises Refused."""
        actions = {"create": self.create, "update": self.update, "delete": self.delete}
        if not isinstance(action, str) or action not in actions:
            raise Refused("unknown_action")
        return await actions[action](inbound)

    def scope(self, group: str) -> Mapping[str, str] | None:
        """The field values that rows of `group` have, or None when none of these rows is ever in it."""
        pattern = _PLACE.sub(r"(?P<\1>.*)", re.escape(self.group))
        match = re.fullmatch(pattern, group, re.DOTALL)
        return match.groupdict() if match else None

    def element_id(self, pk: str) -> str:
        """The id of the element that shows the row."""
        return f"{self.element}-{pk}"

    async def load(self, group: str, pks: Collection[str]) -> dict[str, M]:
        """Those rows of `pks` that are in `group` now, by primary key."""
        scope = self.scope(group)
        if scope is None:
            return {}
        rows = await self.model.filter(pk__in=list(pks), **scope).only(self.model._meta.pk_attr, *self.fields)
        return {str(row.pk): row for row in rows}

    async def highest(self, group: str) -> int:
        """The highest primary key in `group`, 0 when it is empty."""
        row = await self.model.filter(**(self.scope(group) or {})).order_by(f"-{self.model._meta.pk_attr}").first()
        return int(row.pk) if row else 0

    async def outside_window(self, group: str, pk: int, new: Collection[int]) -> bool:
        """Whether the row `pk` was outside the window before the rows `new` came."""
        if self.window is None:
            return False
        above = await self.model.filter(pk__gt=pk, **(self.scope(group) or {})).count()
        return above - sum(1 for other in new if other > pk) >= self.window
