"""Serves fragments that are the same for all visitors, at URLs that name their content: browsers fetch each once."""

from __future__ import annotations

import hashlib

from jinja2 import Environment, TemplateError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

IMMUTABLE = "public, max-age=31536000, immutable"
"""The Cache-Control of a URL whose content never changes."""


class Fragments:
    """Serves every template that needs no context.

    Args:
        environment: Loads the templates.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def url(self, template: str) -> str:
        """Return the URL path of `template`, which changes with its content.

        Raises:
            jinja2.TemplateError: The template is missing, or cannot be rendered without a context.
        """
        return f"/fragments/{template.removesuffix('.html')}.{_hash(self._render(template))}"

    def now(self, template: str) -> str:
        """Return the URL path of `template` that browsers never cache, so that a page can test the server with it."""
        return f"/fragments/{template.removesuffix('.html')}.now"

    async def get(self, request: Request) -> Response:
        """GET /fragments/{template}.{hash}: the fragment. An outdated hash gets the current one, uncached."""
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
