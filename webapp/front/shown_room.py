"""The room that the deployment shows on the first page, named by FRONT_ROOM."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from webapp.chat import ChatState, Panel, Room, enter, label_of
from webapp.chat.access import standing_of
from webapp.front.contexts import ShownRoom


class FrontState(ChatState):
    """The part of the lifespan's state that the first page needs.

    Attributes:
        front_room: The label of the room that it shows; empty: none.
    """

    front_room: str


async def room_of(connection: HTTPConnection[FrontState]) -> Room | None:
    """Return the room that the first page shows, made if need be.

    Returns:
        The room; None: the deployment names none, or names no label, or the room is closed to the visitor.

    Raises:
        Exception: The database failed.
    """
    state = connection.state
    label = label_of(state["front_room"], state["reserved"]) if state["front_room"] else None
    if label is None:
        return None
    room = await enter(label, state["live"].writer)
    standing = await standing_of(state["visitors"].of(connection), room.id)
    return room if standing.may_see else None


async def shown(connection: HTTPConnection[FrontState], room: Room) -> ShownRoom | None:
    """Return what the first page shows of a room; None: the room has been closed to the visitor meanwhile."""
    messages, *_ = await connection.state["chat"].page(room)
    extensions = connection.state["room_extensions"]
    panels = [Panel(each.panel, await each.binding.rows.shown(room.group)) for each in extensions if each.panel]
    standing = await standing_of(connection.state["visitors"].of(connection), room.id)
    return ShownRoom(room, messages, panels) if standing.may_see else None
