"""The stream `wave`: every visitor of the first page sees how often visitors have waved, and may wave."""

from __future__ import annotations

from typing import Any

from tortoise.expressions import F

from webapp.front.models import ONLY, Wave
from webapp.live.binding import Binding, Inbound, Reply
from webapp.live.contexts import Done
from webapp.live.visitor import Visitor

GROUP = "front"
"""The group of all visitors of the first page."""


class WaveBinding(Binding[Wave]):
    """The stream `wave`."""

    model = Wave
    stream = "wave"
    group = GROUP
    fields = ("count",)
    template = "front/_wave.html"
    target = "#waves"
    actions = ("wave",)
    low_cost_actions = ("wave",)

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        """Return whether the visitor names the only row."""
        return bool(pk == ONLY)

    async def wave(self, inbound: Inbound) -> Reply:
        """Count one more wave.

        Raises:
            Refused: The visitor waves too often, or the database did not take it.
        """
        await self.write("wave", inbound, _wave)
        return Reply("live/_done.html", Done("wave", self.element_id(ONLY)), {"pk": ONLY})


async def shown() -> Wave:
    """Return the row that pages show; where nobody has waved yet, one that is not in the database."""
    return await Wave.get_or_none(id=ONLY) or Wave(id=ONLY, count=0)


async def _wave() -> Wave | None:
    # If the app added to a count that it has read, two waves at once would be counted as one.
    if not await Wave.filter(id=ONLY).update(count=F("count") + 1):
        return await Wave.create(id=ONLY, count=1)
    return None
