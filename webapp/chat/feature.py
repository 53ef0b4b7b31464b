"""The chat as a feature of the app."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.routing import Route, WebSocketRoute

from webapp.chat import atom, expiry, inviting, keeping, messages, pages, reading, work_pages
from webapp.chat.access import (
    BanRights,
    DoorBinding,
    KeptRules,
    KnockBinding,
    MemberRights,
    ModeratorRights,
    PolicyBinding,
    PolicyRights,
)
from webapp.chat.bindings import MessageBinding
from webapp.chat.door import come_in
from webapp.chat.extensions import RoomExtension
from webapp.chat.own_style import own_style
from webapp.chat.plain import pages as plain
from webapp.chat.plain.places import Places
from webapp.chat.socket import CLOSED, door_streams, note_leave, room_streams
from webapp.chat.visits import Visits
from webapp.live.binding import Binding
from webapp.live.http import LiveSocket
from webapp.web import Feature


def feature(extensions: Sequence[RoomExtension] = ()) -> Feature:
    """Return the chat as a feature, with `extensions` in every room."""
    kept = KeptRules()
    chat = MessageBinding(extensions, kept)
    rights = [PolicyRights(kept), MemberRights(kept), BanRights(kept), ModeratorRights()]
    shown: list[Binding[Any]] = [PolicyBinding(), DoorBinding(), KnockBinding()]
    return Feature(
        models=["webapp.chat.models", "webapp.chat.access.models"],
        bindings=[chat, *rights, *shown, *(extension.binding for extension in extensions)],
        routes=[
            Route("/me/{mark}.css", own_style),
            Route("/{label}/", pages.room_page),
            Route("/{label}/", pages.say_by_form, methods=["POST"]),
            Route("/{label}/draft", pages.switch_boxes, methods=["POST"]),
            Route("/{label}/door", come_in, methods=["POST"]),
            Route("/{label}/code.svg", inviting.code),
            Route("/{label}/card.png", inviting.card),
            Route("/{label}/feed", atom.feed),
            Route("/{label}/messages", pages.history),
            Route("/{label}/messages/{id:int}", messages.message_page),
            Route("/{label}/messages/{id:int}", messages.change_message, methods=["POST"]),
            Route("/{label}/messages/messages/{id:int}", messages.message_beside),
            Route("/{label}/messages/{id:int}/reply", messages.reply),
            Route("/{label}/messages/{id:int}/reactions", messages.react_to_message, methods=["POST"]),
            Route("/{label}/plain", plain.plain_page),
            Route("/{label}/plain/talk", plain.talk_frame),
            Route("/{label}/plain/again", plain.talk_again),
            Route("/{label}/stream", partial(plain.talk, places=Places())),
            Route("/{label}/plain/write", plain.write_page),
            Route("/{label}/plain/write", plain.say, methods=["POST"]),
            Route("/{label}/work", work_pages.work_page),
            Route("/{label}/work", work_pages.hand_in, methods=["POST"]),
            WebSocketRoute("/{label}/live", LiveSocket(room_streams, True, closed=CLOSED, left=note_leave)),
            WebSocketRoute("/{label}/door/live", LiveSocket(door_streams)),
        ],
        tasks=[*expiry.tasks(extensions), *keeping.TASKS, *reading.TASKS],
        work=[keeping.note_visitors(kept)],
        state={"chat": chat, "room_extensions": extensions, "visits": Visits(), "leaves": reading.Leaves()},
    )
