"""The chat as a feature of the app."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route, WebSocketRoute

from webapp.chat import expiry, pages
from webapp.chat.bindings import MessageBinding
from webapp.chat.extensions import RoomExtension
from webapp.chat.own_style import own_style
from webapp.chat.socket import room_streams
from webapp.chat.visits import Visits
from webapp.live.http import LiveSocket
from webapp.web import Feature


def feature(extensions: Sequence[RoomExtension] = ()) -> Feature:
    """Return the chat as a feature, with `extensions` in every room."""
    chat = MessageBinding(extensions)
    return Feature(
        models=["webapp.chat.models"],
        bindings=[chat, *(extension.binding for extension in extensions)],
        routes=[
            Route("/me/{mark}.css", own_style),
            Route("/{label}/", pages.room_page),
            Route("/{label}/", pages.say_by_form, methods=["POST"]),
            Route("/{label}/draft", pages.switch_boxes, methods=["POST"]),
            Route("/{label}/messages", pages.history),
            WebSocketRoute("/{label}/live", LiveSocket(room_streams, show_people=True)),
        ],
        tasks=expiry.tasks(extensions),
        state={"chat": chat, "room_extensions": extensions, "visits": Visits()},
    )
