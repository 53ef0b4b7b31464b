"""The document inside a frame: a page, or a partial on one, in the scheme that is asked for.

It runs no scripts. What htmx would do to the page is done here, so that a frame opens no socket and writes no rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from html import unescape

from markupsafe import Markup

from webapp.design.fixtures import Entry, Fixtures, context_of, render
from webapp.design.gallery.applying import put
from webapp.design.gallery.contexts import NeutralPage
from webapp.design.template_errors import TemplateProblem, explain
from webapp.live.templating import Templates

SCHEMES = ("light", "dark")

_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.DOTALL)
_REFRESH = re.compile(r"<meta http-equiv=\"?refresh\"?[^>]*>")
_AUTOFOCUS = re.compile(r"\sautofocus(?=[\s>])")
_UNSEEN = re.compile(r"<(template|script|style|title)\b.*?</\1>|<input[^>]*type=\"hidden\"[^>]*>", re.DOTALL)
_SEEN_ELEMENT = re.compile(r"<(img|input|textarea|button|select|hr|svg)\b")
_WRAPPER = re.compile(r"([a-z][a-z0-9-]*)?((?:[.#][\w-]+)*)")


class Frames:
    """Makes the documents inside frames.

    Args:
        templates: Renders templates.
        fixtures: All entries.
        static: Returns the URL of a static file.
    """

    def __init__(self, templates: Templates, fixtures: Fixtures, static: Callable[[str], str]) -> None:
        self._templates = templates
        self._fixtures = fixtures
        self._static = static

    def html(self, entry: Entry) -> str:
        """Return what the template makes of an entry.

        Raises:
            Exception: The error of a template.
        """
        return render(entry, self._templates, self._fixtures)

    def explained(self, error: Exception, entry: Entry) -> TemplateProblem:
        """Return the explanation of the error that an entry's template has raised."""
        return explain(error, self._templates.environment, entry.template, context_of(entry))

    def document(self, entry: Entry, scheme: str = "light") -> str:
        """Return the document that shows an entry.

        Args:
            entry: The entry.
            scheme: One of SCHEMES.

        Raises:
            Exception: The error of a template.
        """
        return self.around(entry, self.html(entry), scheme)

    def around(self, entry: Entry, html: str, scheme: str = "light") -> str:
        """Return the same, given the HTML that the template makes of the entry."""
        sheet = self._static(f"css/design/{scheme}.css")
        links = f'<meta name="robots" content="noindex"><link rel="stylesheet" href="{sheet}">'
        return _inert(self._page(entry, html)).replace("</head>", f"{links}</head>", 1)

    def _page(self, entry: Entry, html: str) -> str:
        if entry.on and (page := self._fixtures.find(entry.on)):
            return put(self._page(page, self.html(page)), html, entry.inside)
        if "</head>" in html:
            for each in (found for name in entry.shows if (found := self._fixtures.find(name))):
                html = put(html, self.html(each), each.inside)
            return html
        return self._templates.render("design/neutral.html", NeutralPage(entry.template, wrapped(html, entry.inside)))


def can_be_seen(html: str) -> bool:
    """Return whether HTML shows anything by itself."""
    seen = _UNSEEN.sub("", html)
    return bool(_SEEN_ELEMENT.search(seen) or unescape(re.sub(r"<[^>]*>", "", seen)).strip())


def wrapped(html: str, inside: str) -> Markup:
    """Return HTML inside elements.

    Args:
        html: The HTML, which is safe.
        inside: The elements from the outside in, as `div.log ol.messages`.
    """
    for each in reversed(inside.split()):
        found = _WRAPPER.fullmatch(each)
        if found is not None:
            tag, marks = found[1] or "div", re.findall(r"([.#])([\w-]+)", found[2])
            classes = " ".join(name for mark, name in marks if mark == ".")
            ids = "".join(f' id="{name}"' for mark, name in marks if mark == "#")
            html = f'<{tag}{ids} class="{classes}">{html}</{tag}>'
    return Markup(html)  # noqa: S704 - of a template, which escapes, and of names that the pattern allows


def hash_of(document: str) -> str:
    """Return a text that differs when a document does, so that a page loads the frames anew that have changed."""
    return hashlib.sha256(document.encode()).hexdigest()[:12]


def _inert(document: str) -> str:
    # If a frame's box took the focus, the gallery would scroll to it.
    return _AUTOFOCUS.sub("", _REFRESH.sub("", _SCRIPT.sub("", document)))
