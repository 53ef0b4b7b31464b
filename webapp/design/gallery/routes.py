"""The URLs of the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.routing import BaseRoute, Route

from webapp.design.gallery.pages import Gallery
from webapp.live.templating import Assets


def routes(folders: Sequence[Path], assets: Assets) -> list[BaseRoute]:
    """Return the routes of the gallery, for an app that is being worked on.

    Args:
        folders: The folders of templates, in the order of the search.
        assets: The static files.
    """
    gallery = Gallery(folders, assets)
    return [
        Route("/design/", gallery.show_list),
        Route("/design/templates/{template:path}", gallery.show_template),
        Route("/design/frame/{template:path}", gallery.show_frame),
        Route("/design/source/{template:path}", gallery.show_source),
    ]
