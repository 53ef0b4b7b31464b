"""What the pages and the socket of a room take from the app's lifespan state and from their URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from webapp.chat.bindings import MessageBinding
from webapp.chat.labels import label_of
from webapp.live.binding import Binding
from webapp.live.engine import Live
from webapp.web.templates import Templates
from webapp.web.visitors import Visitors


class ChatState(TypedDict):
    """What the chat needs of the lifespan's state.

    values: the live values that a room shows. slots: the partials that features show in its bar. reserved: labels that
    no room can have, because the app's own paths start with them.
    """

    live: Live
    templates: Templates
    visitors: Visitors
    chat: MessageBinding
    values: Binding[Any]
    slots: Sequence[str]
    reserved: frozenset[str]


def asked_label(connection: HTTPConnection[ChatState]) -> str:
    """The label in the URL. Raises HTTPException 404 when it can be none."""
    label = label_of(connection.path_params["label"], connection.state["reserved"])
    if label is None:
        raise HTTPException(404)
    return label
