"""Serves fragments that are the same for all visitors, at URLs that name their content: browsers fetch each once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection

from jinja2 import TemplateError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from webapp.live.templating.languages import EVERYBODY

IMMUTABLE = "public, max-age=31536000, immutable"
"""The Cache-Control of a URL whose content never changes."""


class Fragments:
    """Serves every template that needs no context, one with words at a URL for each language.

    Args:
        render: Renders a template, given a language and its name.
        has_words: Returns whether a template says anything that depends on the language of its reader.
        languages: The tags of the languages.
    """

    def __init__(
        self, render: Callable[[str, str], str], has_words: Callable[[str], bool], languages: Collection[str]
    ) -> None:
        self._render = render
        self._has_words = has_words
        self._languages = frozenset(languages)

    def url(self, template: str, language: str = EVERYBODY) -> str:
        """Return the URL path of `template` in a language, which changes with its content.

        Raises:
            jinja2.TemplateError: The template is missing, or cannot be rendered without a context.
        """
        language = self._spoken(template, language)
        return f"{_path(template, language)}.{_hash(self._render(language, template))}"

    def now(self, template: str, language: str = EVERYBODY) -> str:
        """Return the URL path of `template` that browsers never cache, so that a page can test the server with it."""
        return f"{_path(template, self._spoken(template, language))}.now"

    async def get(self, request: Request) -> Response:
        """GET /fragments/{language}/{template}.{hash}: the fragment; one without words has no language in its path.

        An outdated hash gets the current fragment, uncached.
        """
        name, _, version = request.path_params["fragment"].rpartition(".")
        first, _, rest = name.partition("/")
        language, name = (first, rest) if first in self._languages else (EVERYBODY, name)
        try:
            html = self._render(language, f"{name}.html")
        except TemplateError as error:
            raise HTTPException(404) from error
        return HTMLResponse(html, headers={"Cache-Control": IMMUTABLE if version == _hash(html) else "no-store"})

    def _spoken(self, template: str, language: str) -> str:
        # A folder of templates may be named like a language. If its path had no language, it would be taken for one.
        is_shared = not self._has_words(template) and template.split("/")[0] not in self._languages
        return EVERYBODY if is_shared else language


def _path(template: str, language: str) -> str:
    name = template.removesuffix(".html")
    return f"/fragments/{language}/{name}" if language != EVERYBODY else f"/fragments/{name}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
