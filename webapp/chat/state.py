"""The lifespan state and the URL, as the pages and the socket of a room read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from webapp.chat.bindings import MessageBinding
from webapp.chat.extensions import RoomExtension
from webapp.chat.labels import label_of
from webapp.chat.visits import Visits
from webapp.live.http.visitors import Visitors
from webapp.live.protocol.engine import Engine
from webapp.live.templating.templates import Templates


class ChatState(TypedDict):
    """The part of the lifespan's state that the chat needs.

    Attributes:
        live: The engine.
        templates: Renders pages.
        visitors: Knows visitors again.
        chat: The messages.
        room_extensions: What rooms have besides.
        visits: Notes when rooms were visited.
        reserved: Labels that no room can have, because the app's own paths start with them.
    """

    live: Engine
    templates: Templates
    visitors: Visitors
    chat: MessageBinding
    room_extensions: Sequence[RoomExtension]
    visits: Visits
    reserved: frozenset[str]


def asked_label(connection: HTTPConnection[ChatState]) -> str:
    """The label in the URL. Raises HTTPException 404 when it can be none."""
    label = label_of(connection.path_params["label"], connection.state["reserved"])
    if label is None:
        raise HTTPException(404)
    return label
