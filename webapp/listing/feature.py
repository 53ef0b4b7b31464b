"""The page of public rooms as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route, WebSocketRoute

from webapp.listing.bindings import ListedBinding
from webapp.listing.pages import listing_page, listing_streams
from webapp.live.http import LiveSocket
from webapp.web import Feature

feature = Feature(
    bindings=[ListedBinding()],
    routes=[
        Route("/rooms/", listing_page),
        WebSocketRoute("/rooms/live", LiveSocket(listing_streams)),
    ],
)
