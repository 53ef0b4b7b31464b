"""Fragments that are the same for everybody, at URLs that name their content: browsers fetch each once."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

IMMUTABLE = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes under its URL."""


class Fragments:
    """Serves the templates that a page has asked a `fragment()` URL for; they are rendered without a context."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._templates: dict[str, str] = {}

    def url(self, template: str) -> str:
        """The URL path of `template`, which changes with its content."""
        name = PurePosixPath(template).stem.lstrip("_")
        self._templates[name] = template
        return f"/fragments/{name}.{_hash(self._render(template))}"

    async def get(self, request: Request) -> Response:
        """GET /fragments/{name}.{hash}; an outdated hash gets what is current, uncached."""
        name, _, version = request.path_params["fragment"].partition(".")
        if name not in self._templates:
            raise HTTPException(404)
        html = self._render(self._templates[name])
        current = version == _hash(html)
        return HTMLResponse(html, headers={"Cache-Control": IMMUTABLE if current else "no-store"})

    def _render(self, template: str) -> str:
        return self._environment.get_template(template).render()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
