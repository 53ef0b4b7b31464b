"""Makes the element that the preview adds to a page, with the state of the files that the page shows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from webapp.design.preview.contexts import NewSheets, PreviewElement, ProblemPage, Problems, Refresh
from webapp.design.preview.document import empty_ids, has_socket, is_page, with_config, with_element, with_versions
from webapp.design.preview.templates import WatchedTemplates
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates

OWN = "/design/"
"""Start of the paths whose pages show samples: the sockets that stand in these lead nowhere."""

INERT = "/design/frame/"
"""Start of the paths whose pages stand in frames of another page, which loads them anew when they change."""

_TEMPLATES = tuple(
    f"design/{name}.html"
    for name in ("problem", "_preview", "_problem", "_problems", "_problems_frame", "_refresh", "_scripts", "_sheets")
)

_HTMX = "vendor/htmx.org/htmx.min.js"


class Additions:
    """Makes what pages get in development.

    Args:
        templates: The app's templates.
        assets: The app's static files.
    """

    def __init__(self, templates: WatchedTemplates, assets: Assets) -> None:
        self._templates = templates
        self._assets = assets
        # If the preview's own templates were read later, they could be what is broken.
        self._own = Templates([TEMPLATES], Assets([STATIC], reload=True))
        for name in _TEMPLATES:
            self._own.has(name)
        # A server that starts again may have other code, so every page asks for itself anew then.
        self._start = secrets.token_hex(4)
        self._count = 0

    @property
    def version(self) -> str:
        """Differs whenever an open page may look different."""
        return f"{self._start}-{self._count}"

    @property
    def mark(self) -> str:
        """Differs whenever the problems do."""
        keys = repr([each.key for each in self._templates.problems])
        return hashlib.sha256(keys.encode("utf-8", "replace")).hexdigest()[:12]

    def advance(self) -> None:
        """Count one more version."""
        self._count += 1

    def to_page(self, html: str, url: str, version: str) -> str | None:
        """Return a page with the preview's element; None: `html` is no page, or one for a frame.

        Args:
            html: The page.
            url: Its path and query.
            version: The version of the files when its rendering began.
        """
        if not is_page(html) or url.startswith(INERT):
            return None
        return self._with_element(html, url, version, is_in_place=False)

    def problem_page(self, url: str) -> str:
        """Return the page in place of one that cannot be rendered. It becomes that page when the mistake is mended."""
        html = self._own.render("design/problem.html", ProblemPage())
        return self._with_element(html, url, self.version, is_in_place=True)

    def problems_frame(self) -> str:
        """Return the frame that shows what is wrong on a page, or that nothing is."""
        return self._own.render("design/_problems_frame.html", Problems(self._templates.problems, self.mark))

    def refresh_frame(self) -> str:
        """Return the frame that has a page ask for itself anew."""
        return self._own.render("design/_refresh.html", Refresh())

    def sheets_frame(self, sheets: Sequence[tuple[str, str]]) -> str:
        """Return the frame with new addresses of style sheets; `NewSheets` explains the argument."""
        return self._own.render("design/_sheets.html", NewSheets(sheets))

    def _with_element(self, html: str, url: str, version: str, is_in_place: bool) -> str:
        element = PreviewElement(
            url=url,
            version=version,
            empty=" ".join(empty_ids(html)),
            problems=self._templates.problems,
            mark=self.mark,
            has_socket=has_socket(html) and not url.startswith(OWN),
            has_scripts=_HTMX in html,
            is_in_place=is_in_place,
        )
        html = with_versions(with_config(html), self._url)
        return with_element(html, self._own.render("design/_preview.html", element))

    def _url(self, path: str) -> str:
        try:
            return self._assets.url(path)
        except OSError:
            return f"/static/{path}"
