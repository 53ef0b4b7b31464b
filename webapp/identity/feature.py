"""The visitor's own pages as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route

from webapp.identity import pages
from webapp.web import Feature

feature = Feature(
    routes=[
        Route("/me/", pages.own_page),
        Route("/me/", pages.remember_name, methods=["POST"]),
        Route("/me/move", pages.move, methods=["POST"]),
        Route("/me/here", pages.here_page),
        Route("/me/here", pages.become, methods=["POST"]),
        Route("/me/forget", pages.forget, methods=["POST"]),
    ],
)
