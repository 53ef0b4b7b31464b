"""Every URL of the app: its own pages, then those of the features."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from webapp.features import FEATURES
from webapp.live.live import Live
from webapp.operations import pages as operations
from webapp.web import pages
from webapp.web.names import remember_name


def routes(live: Live) -> list[BaseRoute]:
    """The URL list; the first match is taken."""
    return [
        Route("/", pages.about),
        Route("/healthz", pages.health),
        Route("/readyz", operations.ready),
        Route("/metrics", operations.metrics),
        *live.assets(),
        Route("/me/", remember_name, methods=["POST"]),
        *(route for feature in FEATURES for route in feature.routes),
    ]


def reserved(urls: list[BaseRoute]) -> frozenset[str]:
    """The labels that no room can have: the first parts of the paths in `urls`."""
    paths = [url.path for url in urls if isinstance(url, Mount | Route | WebSocketRoute)]
    return frozenset(first for path in paths if (first := path.split("/")[1]) and not first.startswith("{"))
