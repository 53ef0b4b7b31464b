"""Commits a visitor's edit through the writer, on a row that is locked until the transaction ends."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from webapp.live.binding.declaration import Declaration, M
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.model_columns import columns_of
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.binding.row_versions import changes
from webapp.live.binding.rows import Rows
from webapp.live.contexts import Refusal
from webapp.live.validation import FieldProblem, conflict, dangling
from webapp.live.visitor import Visitor
from webapp.live.writing import BUSY

logger = logging.getLogger(__name__)

Apply = Callable[[], Awaitable[M | Refusal | None]]
"""Does an edit inside a transaction that other edits share, and returns the row, a refusal, or None for no row."""

R = TypeVar("R", bound=Model)


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """An update of one row.

    Attributes:
        values: The new values that the client sent, by field.
        apply: Changes the row; the binding's `change`.
        may_see: Returns whether a visitor may read a group; the binding's `can_subscribe`.
    """

    values: Mapping[str, Any]
    apply: Callable[[Visitor, R, Mapping[str, Any]], Awaitable[None]]
    may_see: Callable[[Visitor, str], Awaitable[bool]]


class Edits(Generic[M]):
    """Commits the edits of one binding, each as a whole or not at all.

    Args:
        declaration: The declaration of the rows.
        rows: Reads and locks the rows.
        form: Returns the start of the ids in the form for an action on a primary key.
        low_cost_actions: The actions that count little towards the rate limit.
    """

    def __init__(
        self,
        declaration: Declaration[M],
        rows: Rows[M],
        *,
        form: Callable[[str, object], str],
        low_cost_actions: Sequence[str],
    ) -> None:
        self._declaration = declaration
        self._rows = rows
        self._form = form
        self._low_cost_actions = low_cost_actions

    async def write(
        self, action: str, inbound: Inbound, apply: Apply[M], values: Mapping[str, Any], row: str
    ) -> M | None:
        """Commit `apply`, and ring for every group of its row. `Binding.write` explains the arguments."""
        self._require_admitted(action, inbound)
        touched = {inbound.group}

        async def applied() -> M | Refusal | None:
            outcome = await apply()
            if isinstance(outcome, Model):
                touched.update(inbound.groups_of(outcome))
            return outcome

        try:
            order = (self._declaration.model._meta.db_table, inbound.pk or row)
            outcome: M | Refusal | None = await inbound.writer.run(applied, touched, order)
        except IntegrityError as error:
            raise await self._conflict(action, inbound, values, error) from error
        except Refused:
            raise
        except Exception as error:
            raise self._failed(action, inbound, error) from error
        if isinstance(outcome, Refusal):
            raise ActionRefused(outcome)
        return outcome

    async def update(self, inbound: Inbound, change: Change[M]) -> M | Refusal:
        """Change the row that the visitor names, inside the transaction of `write`.

        Args:
            inbound: The request.
            change: The new values, and the binding's hooks.

        Returns:
            The row, or a refusal: it is gone, or another client changed the same fields since the form showed them.

        Raises:
            ActionRefused: The change would move the row to a group that the visitor may not read.
        """
        row = await self._rows.locked(inbound.group, self.key(inbound))
        if row is None:
            return Refusal(self._form("update", inbound.pk), "gone")
        wanted, is_stale = changes(inbound.version, change.values, self._rows.values(row))
        if is_stale:
            return self._stale("update", row)
        if wanted:
            await change.apply(inbound.visitor, row, wanted)
        group = self._declaration.group_of(row)
        if group not in (None, inbound.group) and not await change.may_see(inbound.visitor, str(group)):
            # If the refusal were returned, the transaction would commit the change.
            raise ActionRefused(Refusal(self._form("update", inbound.pk), "refused"))
        return row

    async def delete(self, inbound: Inbound, remove: Callable[[Visitor, M], Awaitable[None]]) -> M | Refusal | None:
        """Delete the row that the visitor names, inside the transaction of `write`.

        Args:
            inbound: The request.
            remove: Deletes the row; the binding's `remove`.

        Returns:
            The deleted row; None when there is none; a refusal when the row is not as the form showed it.
        """
        row = await self._rows.locked(inbound.group, self.key(inbound))
        if row is not None and inbound.version and inbound.version != self._rows.version(row):
            return self._stale("delete", row)
        if row is not None:
            await remove(inbound.visitor, row)
        return row

    def key(self, inbound: Inbound) -> Any:
        """Return the primary key that the visitor names.

        Raises:
            Refused: The text that the client sent cannot be a primary key.
        """
        key = self._rows.key_of(inbound.pk)
        if key is None:
            raise Refused("bad_field")
        return key

    def _require_admitted(self, action: str, inbound: Inbound) -> None:
        seconds = inbound.admit(action in self._low_cost_actions)
        if seconds:
            raise ActionRefused(Refusal(self._form(action, inbound.pk), "flooding", seconds=seconds))

    def _stale(self, action: str, row: M) -> Refusal:
        form = self._form(action, row.pk)
        return Refusal(form, "stale", present=self._rows.values(row), version=self._rows.version(row))

    def _failed(self, action: str, inbound: Inbound, error: Exception) -> ActionRefused:
        # The page may have emptied the form. If the exception passed through, the sender would get no reply with its
        # texts, and the visitor would lose them.
        if isinstance(error, BUSY):
            logger.warning("an edit of %s could not be written: %r", self._declaration.label, error)
            return ActionRefused(Refusal(self._form(action, inbound.pk), "busy"))
        logger.error("an edit of %s failed", self._declaration.label, exc_info=error)
        return ActionRefused(Refusal(self._form(action, inbound.pk), "failed"))

    async def _conflict(
        self, action: str, inbound: Inbound, values: Mapping[str, Any], error: IntegrityError
    ) -> ActionRefused:
        """Return the refusal for an error of the database's constraints."""
        model = self._declaration.model
        present = await model.get_or_none(pk=self.key(inbound)) if inbound.pk is not None else None
        known = {name: getattr(present, name) for name in columns_of(model)} if present else {}
        row = {**known, **values}
        form = self._form(action, inbound.pk)
        problem = await conflict(model, row, present.pk if present else None)
        if problem is None:
            column = await dangling(model, row, self._declaration.belongs_to)
            logger.info("an edit of %s contradicts the database (%s): %s", self._declaration.label, column, error)
            if inbound.pk is None and column in (self._declaration.scope(inbound.group) or {}):
                # If the row that the group belongs to, such as a room, is deleted, no value of the form would help.
                return ActionRefused(Refusal(form, "gone"))
            problem = FieldProblem(column or "", "bad")
        return ActionRefused(Refusal(form, "invalid", problems=(problem,)))
