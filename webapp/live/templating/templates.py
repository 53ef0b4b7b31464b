"""Renders the designers' templates, with contexts that are dataclasses."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateNotFound
from jinja2.ext import Extension
from starlette.responses import HTMLResponse

from webapp.live.templating.assets import Assets
from webapp.live.templating.fragments import Fragments
from webapp.live.templating.initials import initial_of
from webapp.live.templating.links import parts_of
from webapp.live.templating.overlay import OverlayLoader
from webapp.live.validation import without_unseen

WRITTEN_ON = {"Cache-Control": "private, no-cache", "Vary": "Cookie, *"}
"""Headers of a page with forms. With `no-store`, browsers would lose a draft after Back or a crash.

`Vary: *` makes Back ask the server too, which `no-cache` does not. The browser's own copy would have a used nonce, so
that the server would take the same message, sent again, for a repeat; and it would have an old cursor.
"""

_INDENT = re.compile(r"\n[ \t]+")


class _Unindented(Extension):
    """Removes the indents of templates, so that frames stay short while templates stay readable.

    The line breaks stay: they separate words, and keep the line numbers in errors right.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template without the white space at the start of its lines."""
        return _INDENT.sub("\n", source)


class _Environment(Environment):
    """Jinja's environment, made faster in two ways for fragments that are rendered thousands of times a second.

    Templates share their global names in a plain dictionary. Jinja makes a ChainMap per template, and copies it for
    every rendering, which doubles the time of a row.

    Without reloading, a template is looked up by its name alone. Jinja's own cache takes a lock, and keeps the order of
    use.
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
    """The templates of some folders; one in an earlier folder replaces one of the same name in a later one.

    A template that replaces one of the last folder can extend or include it under its name with `base:` before it.

    Every template has these globals and filters besides Jinja's own:

    - `static(path)` and `fragment(template)` return URLs that name their content.
    - `fragment_now(template)` returns a URL that browsers never cache.
    - `style_sheets(names)` returns the URLs of the style sheets that a page links to.
    - `text | links` returns the text in parts, each with its `text`, and its `href` or None.
    - `text | seen` returns the text without invisible characters.
    - `name | initial` returns the first letter of a name, as a reader sees it.

    Args:
        folders: The folders, in the order of the search.
        assets: The static files.
        reload: Read a template again when its file has changed.
    """

    def __init__(self, folders: Sequence[Path], assets: Assets, reload: bool = False) -> None:
        self._environment = _Environment(
            loader=OverlayLoader(folders),
            extensions=[_Unindented],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
        )
        self._assets = assets
        self.fragments = Fragments(self._environment)
        self._environment.filters |= {"links": parts_of, "seen": without_unseen, "initial": initial_of}
        self._environment.globals |= {
            "static": assets.url,
            "fragment": self.fragments.url,
            "fragment_now": self.fragments.now,
            "style_sheets": assets.style_sheets.urls,
        }

    def list_style_sheets(self) -> None:
        """Have `_styles.html` list the style sheets, so that their one file can be had before a page is rendered.

        Another process may have rendered the page that names the file. A server that reads changed templates again
        goes on without: what is wrong shows on the pages, and goes away when it is mended.

        Raises:
            jinja2.TemplateError: The template is missing or cannot be rendered.
            OSError: A style sheet is missing.
            StyleSheetError: A style sheet cannot stand in one file with others.
        """
        with suppress(*((TemplateError, OSError) if self._environment.auto_reload else ())):
            self._environment.get_template("_styles.html").render()
            self._assets.style_sheets.bundle()

    def has(self, name: str) -> bool:
        """Return whether there is a template of that name.

        Raises:
            jinja2.TemplateSyntaxError: The template cannot be parsed.
        """
        try:
            self._environment.get_template(name)
        except TemplateNotFound:
            return False
        return True

    def render(self, name: str, context: Any) -> str:
        """Return a rendered template.

        Args:
            name: The template's name, such as `live/_frame.html`.
            context: A dataclass, whose fields are the template's variables.

        Raises:
            jinja2.TemplateError: The template is missing or cannot be rendered.
        """
        values = {field: getattr(context, field) for field in _names(context.__class__)}
        return self._environment.get_template(name).render(values)

    def page(self, name: str, context: Any, status: int = 200, is_written_on: bool = False) -> HTMLResponse:
        """Return a rendered template as a response that no shared cache keeps, since it holds the visitor's own data.

        Args:
            name: The template's name.
            context: A dataclass, whose fields are the template's variables.
            status: The HTTP status.
            is_written_on: The page has forms, whose drafts the browser may keep.

        Raises:
            jinja2.TemplateError: The template is missing or cannot be rendered.
        """
        headers = WRITTEN_ON if is_written_on else {"Cache-Control": "no-store"}
        return HTMLResponse(self.render(name, context), status, headers=headers)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
