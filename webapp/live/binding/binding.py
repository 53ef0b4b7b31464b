"""A binding ties a model's rows to a stream of fragments on every page of a group, and visitors' edits to the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

from tortoise.models import Model

from webapp.live.binding.actions import Actions
from webapp.live.binding.declaration import Declaration, M
from webapp.live.binding.declaration_check import complete_binding
from webapp.live.binding.edits import Apply, Change, Edits
from webapp.live.binding.fragments import Fragments, Render
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.json_data import are_plain, serialized
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.binding.reply import Reply
from webapp.live.binding.rows import Rows
from webapp.live.contexts import Done, Refusal, Row, RowUpdate
from webapp.live.validation import Invalid, Validator
from webapp.live.visitor import Visitor

__all__ = ["Binding", "Render", "Rights", "groups_of"]


class Rights(Declaration[M]):
    """A model whose rows decide who may read a group: after a change of one, the server rechecks the group's readers.

    A reader who may not read any more gets nothing more, and the server closes its socket.
    """


class Binding(Declaration[M]):
    """Declare one by subclassing; `docs/binding.md` shows how.

    Attributes:
        template: Renders one row, given `context(row)`; its element has the id `<element>-<pk>` and `data-key="<pk>"`.
        update_template: Renders what changes on a page when a row changes, as partials that need not be on every page,
            given `update_context(row, changed)`; None: the row's element is replaced.
        reset_template: Renders the whole list, for a page that missed too much.
        refused_template: Renders why an action was not done, given a `Refusal`; a form that is emptied when it is sent
            needs more than its words.
        target: Selector of the list that rows go into, by default `#<stream>`.
        element: What the id of a row's element starts with, by default the stream.
        window: How many of the newest rows a page starts with; None: all.
        members: What JSON clients get besides the fields: attributes, properties and dotted paths over foreign keys.
        writable: The fields that visitors may set, and no others; with none, visitors can change nothing.
        actions: The names of the methods that visitors may call.
        low_cost_actions: The actions that count little towards the limit on what one visitor does.
    """

    template: ClassVar[str]
    update_template: ClassVar[str | None] = None
    reset_template: ClassVar[str] = "live/_reset.html"
    refused_template: ClassVar[str] = "live/_refused.html"
    target: ClassVar[str]
    element: ClassVar[str]
    window: ClassVar[int | None] = None
    members: ClassVar[Sequence[str]] = ()
    writable: ClassVar[Sequence[str]] = ()
    actions: ClassVar[Sequence[str]] = ("create", "update", "delete")
    low_cost_actions: ClassVar[Sequence[str]] = ()
    _validator: ClassVar[Validator]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "stream"):
            cls._validator = complete_binding(cls)

    # Hooks: what readers get.

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        """Return whether `visitor` may read `group`; asked when a page or a socket opens, and after a Rights change."""
        return True

    def context(self, row: M) -> object:
        """Return the template's context for `row`."""
        return Row(row)

    def update_context(self, row: M, changed: Collection[str]) -> object:
        """Return the update template's context for `row`, of whose fields `changed` may be new."""
        return RowUpdate(row, frozenset(changed))

    def serialize(self, row: M, names: Collection[str]) -> dict[str, Any]:
        """Return the fields `names` and the members as data, ready for JSON."""
        return serialized(row, names, self.members)

    async def reset(self, group: str, render: Render) -> str:
        """Return the whole list as a frame, for a page that missed too much. Raises when a row cannot be rendered."""
        return await self.fragments.reset(await self.rows.shown(group), render)

    # Hooks: what visitors may do. The first asks; the others run inside a transaction of the writer's, which others
    # share, and may be called again. What they raise undoes that edit alone, and the visitor is told of ActionRefused.

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Return whether `visitor` may do `action` to the row `pk`, which is None on create."""
        return bool(self.writable)

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> M:
        """Make a row."""
        row: M = await self.model.create(**values)
        return row

    async def change(self, visitor: Visitor, row: M, values: Mapping[str, Any]) -> None:
        """Change a row, which nobody else changes meanwhile."""
        await row.update_from_dict(dict(values)).save(update_fields=list(values))

    async def remove(self, visitor: Visitor, row: M) -> None:
        """Delete a row, which nobody else changes meanwhile."""
        await row.delete()

    # The actions; a subclass adds its own as methods of the same form.

    async def create(self, inbound: Inbound) -> Reply:
        """Make a row in the page's group. Raises Refused."""
        # What the group says of its rows is not for the visitor to choose.
        fixed = {**self.only, **(self.scope(inbound.group) or {})}
        values = self.valid("create", inbound, inbound.data) | fixed
        row = await self.write("create", inbound, partial(self.insert, inbound.visitor, values), values)
        return Reply("live/_done.html", Done("create", self.form("create", None)), {"pk": row.pk if row else None})

    async def update(self, inbound: Inbound) -> Reply:
        """Change a row of the page's group, as far as it is still what the form showed. Raises Refused."""
        values = self.valid("update", inbound, inbound.data)
        change = Change(values, self.change, self.can_subscribe)
        await self.write("update", inbound, partial(self.edits.update, inbound, change), values)
        return self.done("update", inbound)

    async def delete(self, inbound: Inbound) -> Reply:
        """Delete a row of the page's group; one that is gone already counts as deleted. Raises Refused."""
        await self.write("delete", inbound, partial(self.edits.delete, inbound, self.remove))
        return self.done("delete", inbound)

    # What the hooks and actions of a subclass may call, besides `scope`, `conditions` and `group_of`.

    def valid(self, action: str, inbound: Inbound, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `data` gives the writable fields, for create all that they need.

        Raises:
            ActionRefused: A value cannot be stored.
        """
        validate = self._validator.created if action == "create" else self._validator.changed
        try:
            return validate(data, inbound.strict)
        except Invalid as invalid:
            refusal = Refusal(self.form(action, inbound.pk), "invalid", problems=invalid.problems)
            raise ActionRefused(refusal) from invalid

    async def write(
        self, action: str, inbound: Inbound, apply: Apply[M], values: Mapping[str, Any] | None = None, row: str = ""
    ) -> M | None:
        """Commit an edit, and ring for every group of its row.

        Args:
            action: The action's name.
            inbound: Who asks for it, of which group.
            apply: Does it inside a transaction; returns the row, or why it is not done.
            values: What it sets; with them the visitor is told what is taken already.
            row: Names the row that it changes, where that is not `inbound.pk`: rows are locked in one order.

        Returns:
            The row that `apply` returned.

        Raises:
            ActionRefused: It is not done, or the server cannot know whether it is.
        """
        return await self.edits.write(action, inbound, apply, values or {}, row)

    async def locked(self, inbound: Inbound) -> M | None:
        """Return the row that is asked for, if it is in the page's group; call it inside the edit that changes it."""
        return await self.rows.locked(inbound.group, self.key(inbound))

    def key(self, inbound: Inbound) -> Any:
        """Return the primary key that is asked for. Raises Refused when it can be none."""
        return self.edits.key(inbound)

    def form(self, action: str, pk: object) -> str:
        """Return what the ids of the form for an action start with."""
        return f"{self.element}-new" if action == "create" else self.element_id(pk)

    def element_id(self, pk: object) -> str:
        """Return the id of the element that shows the row."""
        return f"{self.element}-{pk}"

    def done(self, action: str, inbound: Inbound) -> Reply:
        """Return the reply to an action that was done to a row."""
        return Reply("live/_done.html", Done(action, self.form(action, inbound.pk)), {"pk": self.key(inbound)})

    # What the engine calls.

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do the action of that name. Raises Refused."""
        return await self._actions.perform(action, inbound)

    def oversized(self, action: object, data: Mapping[str, Any]) -> Refused | None:
        """Return what gives back the texts of a page's frame that is too large; None when no form was emptied."""
        return self._actions.oversized(action, data)

    @property
    def may_fail_as_data(self) -> bool:
        """Whether a row that can be read may still be no data: by a member, a `serialize` of its own, an odd field."""
        is_own = getattr(self.serialize, "__func__", None) is not Binding.serialize
        return bool(self.members) or is_own or self._has_odd_fields

    @cached_property
    def _has_odd_fields(self) -> bool:
        return not are_plain(self.model, self.fields)

    # The collaborators, each made once.

    @cached_property
    def rows(self) -> Rows[M]:
        """The queries for the rows."""
        return Rows(self, members=self.members, window=self.window)

    @cached_property
    def fragments(self) -> Fragments:
        """The HTML of the rows."""
        return Fragments(
            template=self.template,
            context=self.context,
            update_template=self.update_template,
            update_context=self.update_context,
            reset_template=self.reset_template,
            target=self.target,
        )

    @cached_property
    def edits(self) -> Edits[M]:
        """Commits what visitors change."""
        return Edits(self, self.rows, form=self.form, low_cost_actions=self.low_cost_actions)

    @cached_property
    def _actions(self) -> Actions:
        return Actions(self)


def groups_of(row: Model, declarations: Iterable[Declaration[Any]]) -> set[str]:
    """Return every group that `row` belongs to, by these `declarations`."""
    groups = {one.group_of(row) for one in declarations if isinstance(row, one.model)}
    return {group for group in groups if group is not None}
