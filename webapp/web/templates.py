"""Rendering: designers' templates, with contexts that are dataclasses."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from starlette.responses import HTMLResponse

from webapp.live.texts import without_unseen
from webapp.web.assets import Assets
from webapp.web.fragments import Fragments
from webapp.web.links import parts_of


class _Environment(Environment):
    """Jinja's, but for one thing: the names that every template has are in a plain dictionary.

    A fragment is rendered thousands of times a second, and each time they are copied; from a ChainMap, of which
    Jinja makes one per template so that they may still change later, that takes as long as all the rest.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


class Templates:
    """The templates of a folder. `reload`: read a template again when its file has changed.

    Globals that every template has: `static(path)` and `fragment(template)`, both URLs that name their content.
    Filters of our own: `links` gives a text in parts, each with its `text` and its `href` or None; `seen` leaves out
    what nobody can see.
    """

    def __init__(self, folder: Path, assets: Assets, reload: bool = False) -> None:
        self._environment = _Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
        )
        self.fragments = Fragments(self._environment)
        self._environment.filters |= {"links": parts_of, "seen": without_unseen}
        self._environment.globals |= {"static": assets.url, "fragment": self.fragments.url}

    def has(self, name: str) -> bool:
        """Whether there is a template of that name. Raises TemplateSyntaxError when it cannot be read."""
        try:
            self._environment.get_template(name)
        except TemplateNotFound:
            return False
        return True

    def render(self, name: str, context: Any) -> str:
        """The template `name` with the fields of the dataclass `context`. Raises jinja2.TemplateError."""
        values = {field: getattr(context, field) for field in _names(context.__class__)}
        return self._environment.get_template(name).render(values)

    def page(self, name: str, context: Any, status: int = 200) -> HTMLResponse:
        """The same as a response that no cache keeps: it holds what is the visitor's own."""
        return HTMLResponse(self.render(name, context), status, headers={"Cache-Control": "no-store"})


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
