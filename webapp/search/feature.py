"""The search in a room as a feature of the app."""

from __future__ import annotations

from starlette.routing import Route

from webapp.search.pages import search_page
from webapp.web import Feature

feature = Feature(routes=[Route("/{label}/search", search_page)])
