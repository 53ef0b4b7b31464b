"""Increments values in the database. If the app added to values that it has read, increments at once could be lost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from tortoise.expressions import F

from webapp.board.models import HIGHEST, LOWEST, IntegerValue
from webapp.live.binding import ActionRefused, Binding, Inbound, Refused, Reply
from webapp.live.contexts import Refusal
from webapp.live.validation import FieldProblem, is_storable, name_of, numeral
from webapp.live.visitor import Visitor


class Counting(Binding[IntegerValue]):
    """A binding whose values visitors increment, on the board or in a room.

    Attributes:
        limit: Values in one group, at most.
    """

    actions = ("create", "update", "delete", "increment")
    low_cost_actions = ("increment",)
    limit: ClassVar[int]

    def valid(self, action: str, inbound: Inbound, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values as any binding does, but without invisible characters in a name.

        If they stayed, two values could have names that look the same.
        """
        if isinstance(name := data.get("name"), str) and is_storable(name):
            data = {**data, "name": name_of(name)}
        return super().valid(action, inbound, data)

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> IntegerValue:
        """Make a value.

        Raises:
            ActionRefused: The group has `limit` values.
        """
        if await self.model.filter(room_id=values["room_id"]).count() >= self.limit:
            raise ActionRefused(Refusal(self.form("create", None), "full"))
        return await super().insert(visitor, values)

    async def increment(self, inbound: Inbound) -> Reply:
        """Add the number in the field `by`, or 1 without that field.

        Raises:
            Refused: `by` is no whole number of 64 bits, the value would leave its bounds, or it does not exist.
        """
        by = whole(inbound.data.get("by", 1))
        await self.write("increment", inbound, partial(self._increment, inbound, by))
        return self.done("increment", inbound)

    async def _increment(self, inbound: Inbound, by: int) -> Refusal | None:
        rows = self.model.filter(pk=self.key(inbound), **self.conditions(inbound.group))
        if await add_within_bounds(rows, by):
            return None
        form = self.form("increment", inbound.pk)
        return beyond_bounds(form, by) if await rows.exists() else Refusal(form, "gone")


async def add_within_bounds(rows: Any, by: int) -> int:
    """Add `by` to those of `rows` whose value stays within bounds.

    Args:
        rows: A query of values.
        by: The number to add.

    Returns:
        The number of rows that were changed.
    """
    # If a value left the bounds, PostgreSQL would raise an error, and SQLite would go on with a fraction.
    within = rows.filter(value__lte=HIGHEST - by) if by > 0 else rows.filter(value__gte=LOWEST - by)
    changed: int = await within.update(value=F("value") + by)
    return changed


def whole(text: object) -> int:
    """Return the number that a visitor wrote.

    Raises:
        Refused: The text is no whole number of 64 bits.
    """
    try:
        number = int(numeral(text)) if isinstance(text, str) else text
    except ValueError as error:
        raise Refused("bad_field") from error
    if type(number) is not int or not LOWEST <= number <= HIGHEST:
        raise Refused("bad_field")
    return number


def beyond_bounds(form: str, by: int) -> Refusal:
    """Return the refusal to add `by` to a value that would leave its bounds.

    Args:
        form: Start of the ids in the form.
        by: The number to add.
    """
    problem = FieldProblem("value", "too_large", HIGHEST) if by > 0 else FieldProblem("value", "too_small", LOWEST)
    return Refusal(form, "invalid", problems=(problem,))
