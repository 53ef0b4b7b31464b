"""Renders the designers' templates, with contexts that are dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError, TemplateNotFound
from jinja2.ext import Extension
from markupsafe import Markup
from starlette.responses import HTMLResponse

from webapp.live.templating.assets import Assets
from webapp.live.templating.environments import Environments
from webapp.live.templating.formatting import formatted
from webapp.live.templating.fragments import Fragments
from webapp.live.templating.initials import initial_of
from webapp.live.templating.languages import EVERYBODY, SOURCE, language_of
from webapp.live.templating.links import parts_of
from webapp.live.validation import without_unseen

WRITTEN_ON = {"Cache-Control": "private, no-cache", "Vary": "Cookie, *"}
"""Headers of a page with forms. With `no-store`, browsers would lose a draft after Back or a crash.

`Vary: *` makes Back ask the server too, which `no-cache` does not. The browser's own copy would have a used nonce, so
that the server would take the same message, sent again, for a repeat; and it would have an old cursor.
"""

BY_LANGUAGE = "Accept-Language, Cookie"
"""The Vary header of a page in one of several languages."""


class Templates:
    """The templates of some folders, in one language; one in an earlier folder replaces a later one's of the same name.

    A template that replaces one of the last folder can extend or include it under its name with `base:` before it.

    Every template has these globals and filters besides Jinja's own:

    - `static(path)` and `fragment(template)` return URLs that name their content.
    - `fragment_now(template)` returns a URL that browsers never cache.
    - `style_sheets(names)` returns the URLs of the style sheets that a page links to.
    - `language` is the language of the page, and `languages` are all that a reader can choose.
    - `{% trans %}`, `_("…")` and Jinja's other functions for gettext return words in that language.
    - `text | links` returns the text in parts, each with its `text`, and its `href` or None.
    - `text | formatted` returns the HTML of a text with marks of Markdown; empty: it has none.
    - `text | seen` returns the text without invisible characters.
    - `name | initial` returns the first letter of a name, as a reader sees it.
    - `text | isolated` returns the text as an element that keeps its direction to itself.
    - `value | number`, `items | listing` and `time | date_time` return text as the language writes it.

    What the constructor returns has the words of the templates themselves, and renders what readers of all languages
    get; `in_language` returns the same for one language.

    Args:
        folders: The folders, in the order of the search. Their catalogs have the words of other languages.
        assets: The static files.
        reload: Read a template, or a catalog, again when its file has changed.
        languages: The tags of the languages that pages may be in; the first one is for readers who ask for none of
            them.
        extensions: Extensions of Jinja besides the engine's own.

    Attributes:
        language: The tag of the language; EVERYBODY: that of the templates.
        languages: The languages that pages may be in.
        fragments: The fragments that are the same for all visitors.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        assets: Assets,
        reload: bool = False,
        languages: Sequence[str] = (SOURCE,),
        extensions: Sequence[type[Extension]] = (),
    ) -> None:
        environments = Environments(folders, reload, [language_of(code) for code in languages], extensions)
        self.fragments = Fragments(environments.render, environments.has_words, languages)
        environments.add(
            filters={
                "links": parts_of,
                "formatted": formatted,
                "seen": without_unseen,
                "initial": initial_of,
                "isolated": isolated,
            },
            globals_of=lambda code: {
                "static": assets.url,
                "style_sheets": assets.style_sheets.urls,
                "fragment": lambda template: self.fragments.url(template, code),
                "fragment_now": lambda template: self.fragments.now(template, code),
            },
        )
        self.language = EVERYBODY
        self.languages = environments.languages
        self._assets = assets
        self._environments = environments
        self._environment = environments.of(EVERYBODY)
        self._spoken: dict[str, Templates] = {EVERYBODY: self}
        self._pushed: dict[str, Callable[[str, Any], str]] = {}

    def in_language(self, code: str) -> Templates:
        """Return the same templates in a language; one that pages may not be in becomes the first of those."""
        if code not in self._environments:
            code = self.languages[0].code
        if code not in self._spoken:
            self._spoken[code] = copy(self)
            vars(self._spoken[code]).update(language=code, _environment=self._environments.of(code))
        return self._spoken[code]

    def pushed_in(self, code: str) -> Callable[[str, Any], str]:
        """Return what renders for open pages in a language: templates without words are rendered for everybody."""
        render = self._pushed.get(code)
        if render is None:
            mine, shared = self.in_language(code).render, self.in_language(EVERYBODY).render
            has_words = self._environments.words.has

            def render(name: str, context: Any) -> str:
                return (mine if has_words(name) else shared)(name, context)

            self._pushed[code] = render
        return render

    def has_words(self, name: str) -> bool:
        """Return whether a template says anything that depends on the language of its reader.

        Raises:
            jinja2.TemplateSyntaxError: The template cannot be parsed.
        """
        return self._environments.has_words(name)

    @property
    def environment(self) -> Environment:
        """Jinja's environment, which loads and compiles the templates."""
        return self._environment

    def forget(self) -> None:
        """Load the templates anew whose files have changed."""
        self._environments.forget()

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
        response = HTMLResponse(self.render(name, context), status, headers=headers)
        if self.language != EVERYBODY:
            response.headers["Content-Language"] = self.language
            response.headers.add_vary_header("Accept-Language" if "Vary" in headers else BY_LANGUAGE)
        return response


def isolated(text: str) -> Markup:
    """Return text, such as a name, as an element whose direction of writing changes nothing around it."""
    return Markup("<bdi>{}</bdi>").format(text)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
