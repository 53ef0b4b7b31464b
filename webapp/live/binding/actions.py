"""Does what visitors ask for by the name of an action, as far as the binding permits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from webapp.live.binding.inbound import Inbound
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.binding.reply import Reply
from webapp.live.contexts import Refusal
from webapp.live.visitor import Visitor


class Acting(Protocol):
    """The part of a binding that decides which of its methods a visitor may call; `Binding` says what each means."""

    @property
    def actions(self) -> Sequence[str]:
        """The methods that visitors may call."""

    @property
    def refused_template(self) -> str:
        """The template that says why an action was not done."""

    @property
    def writable(self) -> Sequence[str]:
        """The fields that visitors may set."""

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Whether a visitor may do this to the row."""

    def form(self, action: str, pk: object) -> str:
        """What the ids of the form for an action start with."""

    def key(self, inbound: Inbound) -> Any:
        """The primary key that is asked for."""


class Actions:
    """Calls the methods of `binding` that are actions."""

    def __init__(self, binding: Acting) -> None:
        self._binding = binding

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do the action of that name.

        Raises:
            Refused: There is no such action, or it is not done.
        """
        binding = self._binding
        if not isinstance(action, str) or action not in binding.actions:
            raise Refused("unknown_action")
        pk = None if action == "create" else binding.key(inbound)
        if not await binding.has_permission(inbound.visitor, action, pk):
            raise ActionRefused(Refusal(binding.form(action, inbound.pk), "refused"), binding.refused_template)
        try:
            reply: Reply = await getattr(binding, action)(inbound)
        except ActionRefused as refused:
            told = replace(refused.refusal, typed=self._typed(inbound.data))
            raise ActionRefused(told, binding.refused_template) from refused
        return reply

    def oversized(self, action: object, data: Mapping[str, Any]) -> Refused | None:
        """Return what gives back the texts of a frame that is too large; None when no form was emptied for it."""
        if action != "create" or not self._binding.writable:
            return None
        refusal = Refusal(self._binding.form("create", None), "too_large", typed=self._typed(data))
        return ActionRefused(refusal, self._binding.refused_template)

    def _typed(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {name: text for name in self._binding.writable if isinstance(text := data.get(name), str)}
