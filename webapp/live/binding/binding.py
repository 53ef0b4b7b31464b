"""A binding ties a model's rows to a stream of fragments on every page of a group, and visitors' edits to the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tortoise.models import Model

from webapp.live.binding.actions import Editing
from webapp.live.binding.declaration import Declaration, M, WrongDeclaration
from webapp.live.binding.presentation import Render

__all__ = ["Binding", "Render", "Rights", "distinct", "groups_of"]


class Binding(Editing[M]):
    """Declare one by subclassing; `docs/binding.md` shows how, and the base classes say what each name means."""


class Rights(Declaration[M]):
    """A model whose rows decide who may read a group: a change of one has `can_subscribe` asked again in its group.

    Who may read no longer gets nothing more, and has its socket closed; whoever changed the row, and wherever.
    """


def distinct(declarations: Sequence[Declaration[Any]]) -> Sequence[Declaration[Any]]:
    """`declarations`, when each has a stream of its own. Raises WrongDeclaration."""
    streams: dict[str, Declaration[Any]] = {}
    for one in declarations:
        other = streams.setdefault(one.stream, one)
        if other is not one:
            raise WrongDeclaration(
                f'{type(other).__qualname__} and {type(one).__qualname__} both have the stream "{one.stream}"'
            )
    return declarations


def groups_of(row: Model, declarations: Iterable[Declaration[Any]]) -> set[str]:
    """Every group that `row` belongs to, by these `declarations`."""
    groups = {one.group_of(row) for one in declarations if isinstance(row, one.model)}
    return {group for group in groups if group is not None}
