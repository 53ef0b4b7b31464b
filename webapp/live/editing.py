"""What visitors may do with a binding's rows: every action permitted, validated, and committed by the writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, ClassVar

from webapp.live.contexts import Denial, Done
from webapp.live.declaration import M, wrong
from webapp.live.inbound import Denied, Inbound, Refused, Reply
from webapp.live.validation import Invalid, Validator
from webapp.live.versions import changes
from webapp.live.visitor import Visitor
from webapp.live.writing import Writing


class Editing(Writing[M]):
    """Inbound actions: create, update and delete, and those that a subclass adds as methods.

    writable: the fields that visitors may set, and no others; with none, visitors can change nothing.
    actions: the names of the methods that visitors may call.
    """

    writable: ClassVar[Sequence[str]] = ()
    actions: ClassVar[Sequence[str]] = ("create", "update", "delete")
    _validator: ClassVar[Validator]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "stream"):
            return
        try:
            cls._validator = Validator(cls.model, cls.writable)
        except TypeError as error:
            raise wrong(cls, str(error)) from error
        _check_actions(cls, "actions")
        _check_actions(cls, "light")

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Whether `visitor` may do `action` to the row `pk`, which is None on create; all may if any is writable."""
        return bool(self.writable)

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> M:
        """Make a row, inside a transaction of the writer's; it may be called again. Override it to do more.

        What is raised here undoes it; Denied is told to the visitor.
        """
        row: M = await self.model.create(**values)
        return row

    async def change(self, visitor: Visitor, row: M, values: Mapping[str, Any]) -> None:
        """Change a row, which nobody else changes meanwhile; as `insert`."""
        await row.update_from_dict(dict(values)).save(update_fields=list(values))

    async def remove(self, visitor: Visitor, row: M) -> None:
        """Delete a row, which nobody else changes meanwhile; as `insert`."""
        await row.delete()

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do the action of that name. Raises Refused."""
        if not isinstance(action, str) or action not in self.actions:
            raise Refused("unknown_action")
        pk = None if action == "create" else self.key(inbound)
        if not await self.has_permission(inbound.visitor, action, pk):
            raise Denied(Denial(self.form(action, inbound.pk), "refused"), self.denied_template)
        try:
            reply: Reply = await getattr(self, action)(inbound)
        except Denied as denied:
            raise Denied(replace(denied.denial, typed=self._typed(inbound)), self.denied_template) from denied
        return reply

    def oversized(self, action: object, data: Mapping[str, Any]) -> Reply | None:
        """What is answered to a frame of a page that is too large: what was typed, for an emptied form, or nothing."""
        if action != "create" or not self.writable:
            return None
        typed = {name: text for name in self.writable if isinstance(text := data.get(name), str)}
        return Denied(Denial(self.form("create", None), "too_large", typed=typed), self.denied_template).reply

    async def create(self, inbound: Inbound) -> Reply:
        """Make a row in the page's group. Raises Refused."""
        # What the group says of its rows is not for the visitor to choose.
        place = {**self.only, **(self.scope(inbound.group) or {})}
        values = self.valid("create", inbound, inbound.data) | place
        row = await self.write("create", inbound, partial(self.insert, inbound.visitor, values), values)
        return Reply("live/_done.html", Done("create", self.form("create", None)), {"pk": row.pk if row else None})

    async def update(self, inbound: Inbound) -> Reply:
        """Change a row of the page's group, as far as it is still what the form showed. Raises Refused."""
        values = self.valid("update", inbound, inbound.data)
        await self.write("update", inbound, partial(self._update, inbound, values), values)
        return self.done("update", inbound)

    async def delete(self, inbound: Inbound) -> Reply:
        """Delete a row of the page's group; that it is gone already is as good. Raises Refused."""
        await self.write("delete", inbound, partial(self._delete, inbound))
        return self.done("delete", inbound)

    def done(self, action: str, inbound: Inbound) -> Reply:
        """What is answered when `action` was done to a row."""
        return Reply("live/_done.html", Done(action, self.form(action, inbound.pk)), {"pk": self.key(inbound)})

    def _typed(self, inbound: Inbound) -> dict[str, str]:
        sent = {name: inbound.data.get(name) for name in self.writable}
        return {name: text for name, text in sent.items() if isinstance(text, str)}

    async def _update(self, inbound: Inbound, values: Mapping[str, Any]) -> M | Denial:
        row = await self.locked(inbound)
        if row is None:
            return Denial(self.form("update", inbound.pk), "gone")
        wanted, is_stale = changes(inbound.version, values, self.values(row))
        if is_stale:
            return self.stale("update", row)
        if wanted:
            await self.change(inbound.visitor, row, wanted)
        group = self.group_of(row)
        if group not in (None, inbound.group) and not await self.can_subscribe(inbound.visitor, str(group)):
            # Raised, since it has to be undone.
            raise Denied(Denial(self.form("update", inbound.pk), "refused"))
        return row

    async def _delete(self, inbound: Inbound) -> M | Denial | None:
        row = await self.locked(inbound)
        if row is not None and inbound.version and inbound.version != self.version(row):
            return self.stale("delete", row)
        if row is not None:
            await self.remove(inbound.visitor, row)
        return row

    def valid(self, action: str, inbound: Inbound, data: Mapping[str, Any]) -> dict[str, Any]:
        """What `data` gives the writable fields, for create all that they need. Raises Denied."""
        validate = self._validator.created if action == "create" else self._validator.changed
        try:
            return validate(data, inbound.strict)
        except Invalid as invalid:
            form = self.form(action, inbound.pk)
            raise Denied(Denial(form, "invalid", problems=invalid.problems)) from invalid


def _check_actions(cls: type[Editing[Any]], attribute: str) -> None:
    names: Sequence[str] = getattr(cls, attribute)
    if isinstance(names, str):
        raise wrong(cls, f'{attribute} = "{names}": write a sequence of names, ("{names}",)')
    for name in names:
        if not iscoroutinefunction(getattr(cls, name, None)):
            raise wrong(cls, f'{attribute}: "{name}" is no method: write async def {name}(self, inbound)')
