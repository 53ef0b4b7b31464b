"""The first page as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route, WebSocketRoute

from webapp.front import pages
from webapp.front.bindings import WaveBinding
from webapp.front.socket import FrontSocket
from webapp.web import Feature

feature = Feature(
    models=["webapp.front.models"],
    bindings=[WaveBinding()],
    routes=[
        Route("/", pages.first_page),
        Route("/", pages.wave_by_form, methods=["POST"]),
        Route("/me/rooms/forget", pages.forget_own_rooms, methods=["POST"]),
        Route("/new/", pages.new_room, methods=["GET", "POST"]),
        WebSocketRoute("/new/live", FrontSocket()),
    ],
)
