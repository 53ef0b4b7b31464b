"""Rendering: designers' templates, with contexts that are dataclasses."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound
from jinja2.ext import Extension
from starlette.responses import HTMLResponse

from webapp.live.templating.assets import Assets
from webapp.live.templating.fragments import Fragments
from webapp.live.templating.links import parts_of
from webapp.live.validation import without_unseen

WRITTEN_ON = {"Cache-Control": "private, no-cache", "Vary": "Cookie, *"}
"""Headers of a page with forms. With `no-store` browsers would not give back a draft, after Back or a crash.

`Vary: *` says what `no-cache` does not: Back asks the server too. The browser's own copy would have a nonce that has
been used, so that the same words said again would pass for a repeat, and a cursor from long ago.
"""

_INDENT = re.compile(r"\n[ \t]+")


class _Unindented(Extension):
    """Leaves the indents of a template out, so that nobody has to choose between short frames and readable templates.

    The line breaks stay: they are the space between two words, and keep the line numbers of errors right.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of a template without the white space that its lines start with."""
        return _INDENT.sub("\n", source)


class _Environment(Environment):
    """Jinja's, but for two things, since a fragment is rendered thousands of times a second.

    The names that every template has are in a plain dictionary. Each time they are copied; from a ChainMap, of which
    Jinja makes one per template so that they may still change later, that takes as long as all the rest. A template
    that need not be read again is kept by its name alone: Jinja's own cache has a lock, and counts what is used.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._known: dict[str, Template] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's word
    ) -> Template:
        if self.auto_reload or globals is not None or isinstance(name, Template):
            return super().get_template(name, parent, globals)
        template = self._known.get(name)
        if template is None:
            template = self._known[name] = super().get_template(name, parent)
        return template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


class Templates:
    """The templates of some folders, of which an earlier one's replaces a later one's of the same name.

    Args:
        folders: Where to look, in this order.
        assets: The static files.
        reload: Read a template again when its file has changed.

    Globals that every template has: `static(path)` and `fragment(template)`, both URLs that name their content;
    `fragment_now(template)`, one that is asked for anew each time.
    Filters of our own: `links` gives a text in parts, each with its `text` and its `href` or None; `seen` leaves out
    what nobody can see.
    """

    def __init__(self, folders: Sequence[Path], assets: Assets, reload: bool = False) -> None:
        self._environment = _Environment(
            loader=FileSystemLoader(folders),
            extensions=[_Unindented],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
        )
        self.fragments = Fragments(self._environment)
        self._environment.filters |= {"links": parts_of, "seen": without_unseen}
        self._environment.globals |= {
            "static": assets.url,
            "fragment": self.fragments.url,
            "fragment_now": self.fragments.now,
        }

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

    def page(self, name: str, context: Any, status: int = 200, is_written_on: bool = False) -> HTMLResponse:
        """The same as a response that no cache gives to anybody: it holds what is the visitor's own.

        is_written_on: it has forms, whose drafts a browser may keep.
        """
        headers = WRITTEN_ON if is_written_on else {"Cache-Control": "no-store"}
        return HTMLResponse(self.render(name, context), status, headers=headers)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
