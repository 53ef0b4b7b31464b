"""How a visitor's edit reaches the database: through the writer, on a row that nobody else changes meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.models import Model

from webapp.live.binding.declaration import M, columns_of
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.presentation import Showing
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.contexts import Refusal
from webapp.live.validation.references import dangling
from webapp.live.validation.uniqueness import conflict
from webapp.live.validation.validator import FieldProblem
from webapp.live.writing.writer import BUSY

logger = logging.getLogger(__name__)

Apply = Callable[[], Awaitable[M | Refusal | None]]
"""An edit, inside a transaction that others share: the row, or why it was not done, or None where there is no row."""


class Writing(Showing[M]):
    """Edits are answered with what became of them, and never with half of it.

    low_cost_actions: the actions that a visitor may do more often than others, as a press of a button.
    """

    low_cost_actions: ClassVar[Sequence[str]] = ()

    async def write(
        self, action: str, inbound: Inbound, apply: Apply[M], values: Mapping[str, Any] | None = None, row: str = ""
    ) -> M | None:
        """Commit `apply`, and ring for every group of its row. Raises ActionRefused.

        values: what it sets, to tell what is taken already. row: names what it changes, where that is not by its key.
        """
        seconds = inbound.admit(action in self.low_cost_actions)
        if seconds:
            raise ActionRefused(Refusal(self.form(action, inbound.pk), "flooding", seconds=seconds))
        touched = {inbound.group}

        async def applied() -> M | Refusal | None:
            outcome = await apply()
            if isinstance(outcome, Model):
                touched.update(inbound.groups_of(outcome))
            return outcome

        try:
            order = (self.model._meta.db_table, inbound.pk or row)
            outcome: M | Refusal | None = await inbound.writer.run(applied, touched, order)
        except IntegrityError as error:
            raise await self._conflict(action, inbound, values or {}, error) from error
        except Refused:
            raise
        except Exception as error:
            raise self._failed(action, inbound, error) from error
        if isinstance(outcome, Refusal):
            raise ActionRefused(outcome)
        return outcome

    async def locked(self, inbound: Inbound) -> M | None:
        """The row that is asked for, if it is in the page's group; to be called where it is about to be changed."""
        rows = self.model.filter(pk=self.key(inbound), **self.conditions(inbound.group))
        row: M | None
        if self.model._meta.db.capabilities.support_for_update:
            row = await rows.select_for_update().get_or_none()
        else:
            # On SQLite a transaction that reads before it writes may find that it cannot write any more.
            name = self.fields[0]
            await rows.update(**{name: F(name)})
            row = await rows.get_or_none()
        return row

    def key(self, inbound: Inbound) -> Any:
        """The primary key that is asked for. Raises Refused when it can be none."""
        field = self.model._meta.pk
        try:
            key = field.to_python_value(inbound.pk)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Refused("bad_field") from error
        bounds = field.constraints
        if key is None or ("ge" in bounds and not bounds["ge"] <= key <= bounds["le"]):
            raise Refused("bad_field")
        return key

    def form(self, action: str, pk: object) -> str:
        """What the ids of the form for an action start with."""
        return f"{self.element}-new" if action == "create" else self.element_id(pk)

    def stale(self, action: str, row: M) -> Refusal:
        """That `row` is no longer what its form showed, and what it is now."""
        form = self.form(action, row.pk)
        return Refusal(form, "stale", present=self.values(row), version=self.version(row))

    def _failed(self, action: str, inbound: Inbound, error: Exception) -> ActionRefused:
        # Whatever failed, the form may have been emptied: an error without its values would lose what was typed.
        if isinstance(error, BUSY):
            logger.warning("an edit of %s could not be written: %r", self.label, error)
            return ActionRefused(Refusal(self.form(action, inbound.pk), "busy"))
        logger.error("an edit of %s failed", self.label, exc_info=error)
        return ActionRefused(Refusal(self.form(action, inbound.pk), "failed"))

    async def _conflict(
        self, action: str, inbound: Inbound, values: Mapping[str, Any], error: IntegrityError
    ) -> ActionRefused:
        present = await self.model.get_or_none(pk=self.key(inbound)) if inbound.pk is not None else None
        known = {name: getattr(present, name) for name in columns_of(self.model)} if present else {}
        row = {**known, **values}
        form = self.form(action, inbound.pk)
        problem = await conflict(self.model, row, present.pk if present else None)
        if problem is None:
            column = await dangling(self.model, row)
            logger.info("an edit of %s contradicts the database (%s): %s", self.label, column, error)
            if inbound.pk is None and column in (self.scope(inbound.group) or {}):
                # What the group is about is not there any more.
                return ActionRefused(Refusal(form, "gone"))
            problem = FieldProblem(column or "", "bad")
        return ActionRefused(Refusal(form, "invalid", problems=(problem,)))
