"""Calls the method of a binding that a visitor asks for by its name, if the binding permits it."""

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
    """The part of a binding that decides which of its methods a visitor may call; `Binding` explains each member."""

    @property
    def actions(self) -> Sequence[str]:
        """The methods that visitors may call."""

    @property
    def refused_template(self) -> str:
        """The template that shows a refusal."""

    @property
    def writable(self) -> Sequence[str]:
        """The fields that visitors may set."""

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Return whether a visitor may do `action` to the row `pk`."""

    def form(self, action: str, pk: object) -> str:
        """Return the start of the ids in the form for an action."""

    def key(self, inbound: Inbound) -> Any:
        """Return the primary key that the visitor names."""


class Actions:
    """Calls the methods of a binding that are actions.

    Args:
        binding: The binding.
    """

    def __init__(self, binding: Acting) -> None:
        self._binding = binding

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do an action, and return the reply to the sender.

        Args:
            action: The name that the client sent.
            inbound: The request, with its sender.

        Raises:
            Refused: There is no such action, or the binding refuses it.
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
        """Return the refusal of a frame that is too large, with the texts of its form.

        Args:
            action: The name of the action that the client sent.
            data: The fields that the client sent.

        Returns:
            The refusal; None when the page emptied no form to send the frame.
        """
        if action != "create" or not self._binding.writable:
            return None
        refusal = Refusal(self._binding.form("create", None), "too_large", typed=self._typed(data))
        return ActionRefused(refusal, self._binding.refused_template)

    def _typed(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {name: text for name in self._binding.writable if isinstance(text := data.get(name), str)}
