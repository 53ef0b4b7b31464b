"""The engine's parts, and what a page or a socket needs of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from webapp.live.binding import Binding, Declaration, Inbound, Render, groups_of
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.subscriber import STALL_LIMIT
from webapp.live.presence.presence import Presence
from webapp.live.protocol.requests import Request
from webapp.live.visitor import Visitor
from webapp.live.writing import Writer


def _unlimited(visitor_id: str, low_cost: bool) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The engine's parts, as the composition root puts them together.

    Attributes:
        hub: Sends the frames of groups to subscribers of this process.
        writer: Commits what visitors change.
        presence: Knows who is on which page.
        render: Renders a template with a context.
        stall_limit: Seconds a client may stall before the server disconnects it.
        declarations: Everything that is watched.
        admit: Counts one more action of the visitor with that id against the rate limit (True: a low-cost one), and
            returns the seconds that the visitor has to wait first; 0: none.
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
            visitor=visitor,
            group=group,
            writer=self.writer,
            pk=request.pk,
            data=request.data,
            version=request.version,
            strict=request.strict,
            admit=partial(self.admit, visitor.id),
            groups_of=lambda row: groups_of(row, self.declarations),
            on_message_sent=partial(self.presence.said, group, visitor),
        )


class Stream(NamedTuple):
    """A binding on a socket, with the group that its inbound actions concern."""

    binding: Binding[Any]
    group: str
