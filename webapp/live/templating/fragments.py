"""Fragments that are the same for everybody, at URLs that name their content: browsers fetch each once."""

from __future__ import annotations

import hashlib

from jinja2 import Environment, TemplateError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

IMMUTABLE = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes under its URL."""


class Fragments:
    """Serves every template that needs no context."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def url(self, template: str) -> str:
        """The URL path of `template`, which changes with its content. Raises jinja2.TemplateError."""
        return f"/fragments/{template.removesuffix('.html')}.{_hash(self._render(template))}"

    def now(self, template: str) -> str:
        """The URL path under which browsers keep no copy of `template`, so that it says whether the server answers."""
        return f"/fragments/{template.removesuffix('.html')}.now"

    async def get(self, request: Request) -> Response:
        """GET /fragments/{template}.{hash}; an outdated hash gets what is current, uncached."""
        name, _, version = request.path_params["fragment"].rpartition(".")
        try:
            html = self._render(f"{name}.html")
        except TemplateError as error:
            raise HTTPException(404) from error
        return HTMLResponse(html, headers={"Cache-Control": IMMUTABLE if version == _hash(html) else "no-store"})

    def _render(self, template: str) -> str:
        return self._environment.get_template(template).render()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
