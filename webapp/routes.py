"""All routes of the app: its own pages, then those of the features."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from webapp.features import FEATURES
from webapp.live.live import Live
from webapp.operations import pages as operations
from webapp.web import health
from webapp.web.well_known import FILES, well_known

KEPT_FREE = frozenset({"design"})
"""Labels that no room can have, though no route uses them in every deployment."""


def routes(live: Live) -> list[BaseRoute]:
    """Return the routes of the app; the first one that matches a URL answers it."""
    return [
        *(Route(path, well_known) for path in FILES),
        Route("/healthz", health),
        Route("/livez", operations.alive),
        Route("/readyz", operations.ready),
        Route("/metrics", operations.metrics),
        # The engine's own route takes every path below /fragments/.
        *(route for feature in FEATURES for route in feature.files),
        *live.assets(),
        *(route for feature in FEATURES for route in feature.routes),
    ]


def reserved(urls: list[BaseRoute]) -> frozenset[str]:
    """Return the labels that no room can have: the first parts of the paths of `urls`."""
    paths = [url.path for url in urls if isinstance(url, Mount | Route | WebSocketRoute)]
    return KEPT_FREE | {first for path in paths if (first := path.split("/")[1]) and not first.startswith("{")}
