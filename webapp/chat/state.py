"""The lifespan state and the URL, as the pages and the socket of a room read them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from webapp.chat.bindings import MessageBinding
from webapp.chat.composer import ID
from webapp.chat.extensions import RoomExtension
from webapp.chat.labels import label_of
from webapp.chat.reading import Leaves
from webapp.chat.visits import Visits
from webapp.chat.work import Work
from webapp.live.binding import Binding
from webapp.live.http import Visitors
from webapp.live.protocol import Engine
from webapp.live.templating import Templates
from webapp.web import Flood, NetworkLimit


class ChatState(TypedDict):
    """The part of the lifespan's state that the chat needs.

    Attributes:
        live: The engine.
        templates: Renders pages.
        visitors: Recognises visitors.
        bindings: All bindings, by stream.
        chat: The binding of the messages.
        room_extensions: The additions of other features to rooms.
        visits: Notes when rooms were visited.
        leaves: Notes how far visitors have read.
        room_limit: Bounds the rooms that visitors make.
        guess_limit: Bounds how often visitors try to come into rooms that are closed to them.
        search_limit: Bounds how often visitors search in rooms.
        work: Makes the computations that rooms ask for.
        stopping: Set when the process was told to stop.
        edit_limit: How long after a visitor said something it may change it; None: for ever.
        lists_rooms: Whether there is a page of public rooms.
        takes_reports: Whether an operator reads what visitors report.
        reserved: Labels that no room can have, because the app's own paths start with them.
    """

    live: Engine
    templates: Templates
    visitors: Visitors
    bindings: Mapping[str, Binding[Any]]
    chat: MessageBinding
    room_extensions: Sequence[RoomExtension]
    visits: Visits
    leaves: Leaves
    room_limit: NetworkLimit
    guess_limit: Flood
    search_limit: Flood
    work: Work
    stopping: asyncio.Event
    edit_limit: timedelta | None
    lists_rooms: bool
    takes_reports: bool
    reserved: frozenset[str]


def asked_id(connection: HTTPConnection[Any], name: str) -> int | None:
    """Return the id of a message in the URL's query; None: the query has none of this name.

    Raises:
        HTTPException: 400: the text is no id.
    """
    text = connection.query_params.get(name)
    if text is not None and not ID.fullmatch(text):
        raise HTTPException(400)
    return None if text is None else int(text)


def asked_label(connection: HTTPConnection[ChatState]) -> str:
    """Return the label in the URL.

    Raises:
        HTTPException: 404: the URL has no label.
    """
    label = label_of(connection.path_params["label"], connection.state["reserved"])
    if label is None:
        raise HTTPException(404)
    return label
