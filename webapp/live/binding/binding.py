"""The class that an app declares to show the rows of a model on pages, and to let visitors edit them."""

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


class Rights(Declaration[M]):
    """A model whose rows decide which visitors may read a group. Pages do not show its rows.

    After a change of such a row, the server checks the access of the group's readers again. A reader who may not read
    any more gets no more frames, and the server closes its socket.

    A subclass that keeps what it has read of these rows overrides the hooks, which tell how long that is true.
    """

    def on_opened(self, group: str) -> None:
        """Note that this process follows `group` now. It tells of every change that a later query does not show."""

    def on_changed(self, group: str) -> None:
        """Note that rows of `group` have changed, or may have. The engine checks the access of its readers next."""

    def on_closed(self, group: str) -> None:
        """Note that this process follows `group` no more, and so tells of no change."""


class Binding(Declaration[M]):
    """Shows the rows of a model on the pages of a group. An app declares one by subclassing, as in `docs/binding.md`.

    Attributes:
        template: The template of one row. Its context is `context(row)`, and its element has the id `<element>-<pk>`
            and `data-key="<pk>"`.
        create_template: The template of the partials that put a new row's element onto a page, for rows that stand
            inside the elements of other rows. Its context is `context(row)`. A page may lack what the partials name, or
            have the element already. None: the element goes into the list at `target`.
        update_template: The template of the partials that bring a page up to date when a row changes. Its context is
            `update_context(row, changed)`. A page may lack elements that the partials name. None: the row's new element
            replaces the old one.
        reset_template: The template of the whole list, for a page that missed too many changes.
        refused_template: The template that tells the sender why the server refused an action, given a `Refusal`. If
            the page empties its form on sending, the template must give the texts back.
        target: Selector of the list that rows go into. The default is `#<stream>`.
        element: The start of the id of a row's element. The default is the stream.
        window: Number of the newest rows that a page starts with; None: all rows.
        members: Attributes, properties and dotted paths over foreign keys that JSON clients get besides the fields.
        writable: The only fields that visitors may set. With none, visitors can change nothing.
        actions: The names of the methods that visitors may call.
        low_cost_actions: The actions that count little towards the rate limit of a visitor.
    """

    template: ClassVar[str]
    create_template: ClassVar[str | None] = None
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

    # Hooks for the content that readers get.

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        """Return whether `visitor` may read `group`. The engine asks again after each change of `Rights`."""
        return True

    async def complete(self, rows: Sequence[M]) -> None:
        """Load what the templates show besides these rows. The engine calls it whenever it has read rows to show."""

    def context(self, row: M) -> object:
        """Return the template's context for `row`."""
        return Row(row)

    def update_context(self, row: M, changed: Collection[str]) -> object:
        """Return the update template's context for `row`. Only the fields `changed` may be new."""
        return RowUpdate(row, frozenset(changed))

    def serialize(self, row: M, names: Collection[str]) -> dict[str, Any]:
        """Return the fields `names` and the members as data, ready for JSON."""
        return serialized(row, names, self.members)

    async def reset(self, group: str, render: Render) -> str:
        """Return the whole list as a frame, for a page that missed too many changes. A template may raise."""
        return await self.fragments.reset(await self.rows.shown(group), render)

    # Hooks for the edits of visitors. All but the first run inside a transaction of the writer's, which other edits
    # share. The writer may call them again. An exception of a hook undoes its own edit only. The visitor sees an
    # ActionRefused.

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Return whether `visitor` may do `action` to the row with the primary key `pk`, which is None for create."""
        return bool(self.writable)

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> M:
        """Make a row."""
        row: M = await self.model.create(**values)
        return row

    async def change(self, visitor: Visitor, row: M, values: Mapping[str, Any]) -> None:
        """Change a row, which is locked until the transaction ends."""
        await row.update_from_dict(dict(values)).save(update_fields=list(values))

    async def remove(self, visitor: Visitor, row: M) -> None:
        """Delete a row, which is locked until the transaction ends."""
        await row.delete()

    # The actions. A subclass adds its own as methods of the same form.

    async def create(self, inbound: Inbound) -> Reply:
        """Make a row in the page's group, or raise Refused."""
        # If the visitor's values for the group columns and `only` counted, the row could land in another group.
        fixed = {**self.only, **(self.scope(inbound.group) or {})}
        values = self.valid("create", inbound, inbound.data) | fixed
        row = await self.write("create", inbound, partial(self.insert, inbound.visitor, values), values)
        return Reply("live/_done.html", Done("create", self.form("create", None)), {"pk": row.pk if row else None})

    async def update(self, inbound: Inbound) -> Reply:
        """Change a row of the page's group, or raise Refused: for instance the row is gone, or the edit is stale."""
        values = self.valid("update", inbound, inbound.data)
        change = Change(values, self.change, self.can_subscribe)
        await self.write("update", inbound, partial(self.edits.update, inbound, change), values)
        return self.done("update", inbound)

    async def delete(self, inbound: Inbound) -> Reply:
        """Delete a row of the page's group, or raise Refused. A row that is gone already counts as deleted."""
        await self.write("delete", inbound, partial(self.edits.delete, inbound, self.remove))
        return self.done("delete", inbound)

    # The hooks and actions of a subclass may call these, besides `scope`, `conditions` and `group_of`.

    def valid(self, action: str, inbound: Inbound, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values in `data` for the writable fields, checked; for create, all that a new row needs.

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
            inbound: The request, with its sender and its group.
            apply: Does the edit inside a transaction, and returns the row, a `Refusal`, or None for no row.
            values: The values that the edit sets. If the database refuses the row, they tell which value is taken.
            row: Names the row that the edit changes, if not `inbound.pk`. Rows are locked in the order of the names.

        Returns:
            The row that `apply` returned.

        Raises:
            ActionRefused: The edit is not done, or the server cannot know whether it is.
        """
        return await self.edits.write(action, inbound, apply, values or {}, row)

    async def locked(self, inbound: Inbound) -> M | None:
        """Return the row that the visitor names, locked until the edit ends; None: the group does not have it."""
        return await self.rows.locked(inbound.group, self.key(inbound))

    def key(self, inbound: Inbound) -> Any:
        """Return the primary key that the visitor names.

        Raises:
            Refused: The text that the client sent cannot be a primary key.
        """
        return self.edits.key(inbound)

    def form(self, action: str, pk: object) -> str:
        """Return the start of the ids in the form for an action."""
        return f"{self.element}-new" if action == "create" else self.element_id(pk)

    def element_id(self, pk: object) -> str:
        """Return the id of the element that shows the row."""
        return f"{self.element}-{pk}"

    def done(self, action: str, inbound: Inbound) -> Reply:
        """Return the reply to an action that was done to a row."""
        return Reply("live/_done.html", Done(action, self.form(action, inbound.pk)), {"pk": self.key(inbound)})

    # The engine calls these.

    async def perform(self, action: object, inbound: Inbound) -> Reply:
        """Do an action, and return the reply to the sender; raise Refused for one that is unknown or not permitted."""
        return await self._actions.perform(action, inbound)

    def oversized(self, action: object, data: Mapping[str, Any]) -> Refused | None:
        """Return the refusal of a page's frame that is too large; None when the page emptied no form to send it."""
        return self._actions.oversized(action, data)

    @property
    def may_fail_as_data(self) -> bool:
        """Whether a readable row may fail to become data: by a member, an overridden `serialize`, or a field's type."""
        is_own = getattr(self.serialize, "__func__", None) is not Binding.serialize
        return bool(self.members) or is_own or self._has_odd_fields

    @cached_property
    def _has_odd_fields(self) -> bool:
        return not are_plain(self.model, self.fields)

    # The collaborators. Each is made once.

    @cached_property
    def rows(self) -> Rows[M]:
        """The queries for the rows."""
        return Rows(self, members=self.members, window=self.window, complete=self.complete)

    @cached_property
    def fragments(self) -> Fragments:
        """The HTML of the rows."""
        return Fragments(
            template=self.template,
            context=self.context,
            create_template=self.create_template,
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
    """Return all groups that `row` belongs to, according to `declarations`."""
    groups = {one.group_of(row) for one in declarations if isinstance(row, one.model)}
    return {group for group in groups if group is not None}
