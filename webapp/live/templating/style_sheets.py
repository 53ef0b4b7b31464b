"""One style sheet for all pages, made of the many that designers write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from jinja2 import TemplateRuntimeError

from webapp.live.templating.css_part import CssPart, StyleSheetError
from webapp.live.templating.overlay import Overlay

BUNDLE = "styles.css"
"""The path of the one sheet below the static files. The error page names it by its plain address."""


class StyleSheets:
    """The style sheets of all pages, in their order: one file, or one by one while a designer works on them.

    Args:
        files: The static files.
        url: Returns the URL of a static file.
        reload: Name each sheet by itself, so that a browser's tools show its own lines, and read the sheets at each
            use.
    """

    def __init__(self, files: Overlay, url: Callable[[str], str], reload: bool = False) -> None:
        self._files = files
        self._url = url
        self._reload = reload
        self._names: Sequence[str] = ()
        self._bundle: tuple[bytes, str] | None = None

    def urls(self, names: Sequence[str]) -> Sequence[str]:
        """Return the URLs that a page links to.

        Args:
            names: Paths in `css/`, without `.css`. `theme/*` stands for all sheets of that folder, which may be none.

        Raises:
            FileNotFoundError: No folder has a sheet.
            StyleSheetError: A sheet cannot stand in one file with others.
            jinja2.TemplateRuntimeError: Another template lists other sheets.
        """
        if self._names and list(names) != self._names and not self._reload:
            # The process that is asked for a second bundle need not be the one that rendered the page of it.
            raise TemplateRuntimeError(
                "Two templates call style_sheets() with different lists, and all pages share one style sheet. Add the"
                ' sheet to the list in _styles.html, or link to it alone: {{ static("css/extra.css") }}.'
            )
        if list(names) != self._names:
            self._names, self._bundle = list(names), None
        return [self._url(path) for path in self._paths()] if self._reload else [self._url(BUNDLE)]

    def bundle(self) -> tuple[bytes, str]:
        """Return the one sheet and its hash. It is empty while no template has listed any.

        Raises:
            FileNotFoundError: No folder has a sheet.
            StyleSheetError: A sheet cannot stand in one file with others.
        """
        if self._bundle is None or self._reload:
            content = "\n".join(self._part(path) for path in self._paths()).encode()
            self._bundle = (content, hash_of(content))
        return self._bundle

    def _paths(self) -> Sequence[str]:
        return [path for name in self._names for path in self._named(f"css/{name}.css")]

    def _named(self, path: str) -> Sequence[str]:
        return self._files.matching(path) if "*" in path else [path]

    def _part(self, path: str) -> str:
        try:
            return CssPart(path, self._files.file(path).read_text(encoding="utf-8"), self._url).render()
        except (OSError, StyleSheetError) as error:
            if not self._reload:
                raise
            # A designer's pages name each sheet by itself. Here is what the error page has meanwhile.
            return f"/* {error} */" if "*/" not in str(error) else ""


def hash_of(content: bytes) -> str:
    """Return what a URL says of the content behind it."""
    return hashlib.sha256(content).hexdigest()[:12]
