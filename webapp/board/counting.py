"""Adding to a value where it stands, in the database: of two who press at once neither is lost."""

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
    """Values that visitors add to, on the board or in a room.

    Attributes:
        limit: Values in one group, at most.
    """

    actions = ("create", "update", "delete", "increment")
    low_cost_actions = ("increment",)
    limit: ClassVar[int]

    def valid(self, action: str, inbound: Inbound, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values as any binding does, with names that never differ in invisible characters only."""
        if isinstance(name := data.get("name"), str) and is_storable(name):
            data = {**data, "name": name_of(name)}
        return super().valid(action, inbound, data)

    async def insert(self, visitor: Visitor, values: Mapping[str, Any]) -> IntegerValue:
        """Make a value, where there is room for one more."""
        if await self.model.filter(room_id=values["room_id"]).count() >= self.limit:
            raise ActionRefused(Refusal(self.form("create", None), "full"))
        return await super().insert(visitor, values)

    async def increment(self, inbound: Inbound) -> Reply:
        """Add `by`, 1 when it is not given. Raises Refused."""
        by = whole(inbound.data.get("by", 1))
        await self.write("increment", inbound, partial(self._increment, inbound, by))
        return self.done("increment", inbound)

    async def _increment(self, inbound: Inbound, by: int) -> Refusal | None:
        rows = self.model.filter(pk=self.key(inbound), **self.conditions(inbound.group))
        if await add(rows, by):
            return None
        form = self.form("increment", inbound.pk)
        return beyond(form, by) if await rows.exists() else Refusal(form, "gone")


async def add(rows: Any, by: int) -> int:
    """Add `by` to those of `rows` whose value stays within bounds, and return how many rows that were."""
    # Beyond the bounds PostgreSQL would fail, and SQLite go on with fractions.
    within = rows.filter(value__lte=HIGHEST - by) if by > 0 else rows.filter(value__gte=LOWEST - by)
    changed: int = await within.update(value=F("value") + by)
    return changed


def whole(text: object) -> int:
    """Return the whole number of 64 bits that a visitor wrote. Raises Refused."""
    try:
        number = int(numeral(text)) if isinstance(text, str) else text
    except ValueError as error:
        raise Refused("bad_field") from error
    if type(number) is not int or not LOWEST <= number <= HIGHEST:
        raise Refused("bad_field")
    return number


def beyond(form: str, by: int) -> Refusal:
    """Return the refusal to add `by` to a value that would leave its bounds."""
    problem = FieldProblem("value", "too_large", HIGHEST) if by > 0 else FieldProblem("value", "too_small", LOWEST)
    return Refusal(form, "invalid", problems=(problem,))
