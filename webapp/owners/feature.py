"""The pages of owners as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route

from webapp.owners import pages
from webapp.web import Feature

feature = Feature(
    routes=[
        Route("/{label}/settings", pages.settings_page),
        Route("/{label}/settings", pages.change_settings, methods=["POST"]),
        Route("/{label}/own", pages.own_page),
        Route("/{label}/own", pages.become_owner, methods=["POST"]),
    ],
)
