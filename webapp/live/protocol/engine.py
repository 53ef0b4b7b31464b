"""The engine's parts, and what a page or a socket needs of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from webapp.live.binding.binding import Binding, Render, groups_of
from webapp.live.binding.declaration import Declaration
from webapp.live.binding.inbound import Inbound
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.subscriber import STALL_LIMIT
from webapp.live.presence.presence import Presence
from webapp.live.protocol.requests import Request
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer


def _unlimited(visitor_id: str, low_cost: bool) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's parts, as the composition root puts them together.

    declarations: everything that is watched. admit: counts one more action of a visitor (a low-cost one, maybe), and
    gives the seconds that it has to wait first.
    """

    hub: Hub
    writer: Writer
    presence: Presence
    render: Render
    stall_limit: float = STALL_LIMIT
    declarations: Sequence[Declaration[Any]] = ()
    admit: Callable[[str, bool], int] = _unlimited

    def inbound(self, visitor: Visitor, group: str, request: Request) -> Inbound:
        """What `visitor` asks for in `group`, with what it takes to do it."""
        return Inbound(
            visitor,
            group,
            self.writer,
            partial(self.presence.said, group, visitor),
            request.pk,
            request.data,
            request.version,
            request.strict,
            partial(self.admit, visitor.id),
            lambda row: groups_of(row, self.declarations),
        )


class Stream(NamedTuple):
    """A binding on a socket, with the group that its inbound actions concern."""

    binding: Binding[Any]
    group: str
