"""The parts of the engine that a page or a socket needs."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from webapp.live.binding import Binding, Declaration, Inbound, groups_of
from webapp.live.fanout import STALL_LIMIT, Hub, Wording
from webapp.live.marks import Marks
from webapp.live.observing import NO_OBSERVER, Observer
from webapp.live.presence import Presence
from webapp.live.protocol.network_budget import NetworkBudget
from webapp.live.protocol.requests import Request
from webapp.live.visitor import Visitor
from webapp.live.writing import Writer


def _unlimited(visitor: Visitor, low_cost: bool) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The engine's parts, as `Live` puts them together.

    Attributes:
        hub: Sends the frames of groups to subscribers of this process.
        writer: Commits what visitors change.
        presence: Shows which visitors are in a group.
        wording: Renders templates in the languages of the readers.
        stall_limit: Seconds a client may stall before the server disconnects it.
        declarations: The bindings and `Rights` whose models the change log watches.
        admit: Counts one more action against the rate limit. It takes the visitor, and whether the action has a
            low cost; it returns the whole seconds that the visitor has to wait first, 0 if none.
        observer: The engine tells it of sockets and refusals.
        marks: Makes the visitors' marks.
        networks: Counts the frames that write nothing, by network.
    """

    hub: Hub
    writer: Writer
    presence: Presence
    wording: Wording
    stall_limit: float = STALL_LIMIT
    declarations: Sequence[Declaration[Any]] = ()
    admit: Callable[[Visitor, bool], int] = _unlimited
    observer: Observer = NO_OBSERVER
    marks: Marks = field(default_factory=lambda: Marks(secrets.token_urlsafe()))
    networks: NetworkBudget = field(default_factory=NetworkBudget)

    def inbound(self, visitor: Visitor, group: str, request: Request) -> Inbound:
        """Return a visitor's request as a binding gets it, with the parts of the engine that carry it out."""
        return Inbound(
            visitor=visitor,
            group=group,
            writer=self.writer,
            pk=request.pk,
            data=request.data,
            version=request.version,
            strict=request.strict,
            admit=partial(self.admit, visitor),
            mark=partial(self.marks.of_named, group),
            groups_of=lambda row: groups_of(row, self.declarations),
            on_message_sent=partial(self.presence.said, group, visitor),
        )


async def _permit(binding: Binding[Any], action: object, inbound: Inbound) -> None:
    """Leave the decision to the binding."""


class Stream(NamedTuple):
    """A binding on a socket.

    Attributes:
        binding: The binding.
        group: The group that its inbound actions concern.
        require_may_act: Raises Refused unless the visitor may do an action in this group at all; the binding decides
            about the row.
    """

    binding: Binding[Any]
    group: str
    require_may_act: Callable[[Binding[Any], object, Inbound], Awaitable[None]] = _permit
