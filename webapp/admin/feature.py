"""The operator's page as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route, WebSocketRoute

from webapp.admin import pages
from webapp.admin.bindings import AllBansBinding, ReportBinding
from webapp.live.http import LiveSocket
from webapp.web import Feature

feature = Feature(
    bindings=[ReportBinding(), AllBansBinding()],
    routes=[
        Route("/admin/", pages.admin_page),
        Route("/admin/", pages.change, methods=["POST"]),
        WebSocketRoute("/admin/live", LiveSocket(pages.admin_streams)),
    ],
)
