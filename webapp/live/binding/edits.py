"""How a visitor's edit reaches the database: through the writer, on a row that nobody else changes meanwhile."""

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
"""An edit, inside a transaction that others share: the row, or why it was not done, or None where there is no row."""

R = TypeVar("R", bound=Model)


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """An update of one row.

    Attributes:
        values: The new values that were sent.
        apply: Changes the row, the binding's `change`.
        may_see: Whether a visitor may read a group, the binding's `can_subscribe`.
    """

    values: Mapping[str, Any]
    apply: Callable[[Visitor, R, Mapping[str, Any]], Awaitable[None]]
    may_see: Callable[[Visitor, str], Awaitable[bool]]


class Edits(Generic[M]):
    """Commits the edits of one binding. Each is answered with what became of it, and never with half of it.

    Args:
        declaration: Says whose rows these are.
        rows: Reads and locks them.
        form: Returns what the ids of the form for an action on a primary key start with.
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
        """Commit `apply`, and ring for every group of its row; `Binding.write` says what each argument means."""
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
        """Change the row that is asked for, as far as it is still what the form showed; to be given to `write`."""
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
            # Raised, since it has to be undone.
            raise ActionRefused(Refusal(self._form("update", inbound.pk), "refused"))
        return row

    async def delete(self, inbound: Inbound, remove: Callable[[Visitor, M], Awaitable[None]]) -> M | Refusal | None:
        """Delete the row that is asked for, if it is there and as the form showed it; to be given to `write`."""
        row = await self._rows.locked(inbound.group, self.key(inbound))
        if row is not None and inbound.version and inbound.version != self._rows.version(row):
            return self._stale("delete", row)
        if row is not None:
            await remove(inbound.visitor, row)
        return row

    def key(self, inbound: Inbound) -> Any:
        """Return the primary key that is asked for.

        Raises:
            Refused: It can be none.
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
        # Whatever failed, the form may have been emptied: an error without its values would lose what was typed.
        if isinstance(error, BUSY):
            logger.warning("an edit of %s could not be written: %r", self._declaration.label, error)
            return ActionRefused(Refusal(self._form(action, inbound.pk), "busy"))
        logger.error("an edit of %s failed", self._declaration.label, exc_info=error)
        return ActionRefused(Refusal(self._form(action, inbound.pk), "failed"))

    async def _conflict(
        self, action: str, inbound: Inbound, values: Mapping[str, Any], error: IntegrityError
    ) -> ActionRefused:
        """Why the database refused a row, in the words of a form."""
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
                # What the group is about is not there any more.
                return ActionRefused(Refusal(form, "gone"))
            problem = FieldProblem(column or "", "bad")
        return ActionRefused(Refusal(form, "invalid", problems=(problem,)))
