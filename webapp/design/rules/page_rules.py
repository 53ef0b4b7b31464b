"""Rules about a whole page: its parts, its headings, its language."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.rendering import Rendering
from webapp.design.rules.site import Site

GROUP = "Whole pages"

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def _own(page: Rendering) -> int:
    """Return where the template of a page begins with its own part of the <body>."""
    tags = page.start_tags
    body = next((at for at, tag in enumerate(tags) if tag.name == "body"), 0)
    own = (tag.at for tag in tags[body + 1 :] if page.place(tag.at).template == page.entry.template)
    return next(own, 0)


@rule(
    "landmark",
    Level.WARNING,
    GROUP,
    "page",
    noticed="Who uses a screen reader cannot jump to what the page is about.",
    mend="Put what the page is about into one <main>, and the bar above it into a <header>.",
    bad='<body><div class="prose">…</div></body>',
    good='<body><main class="prose">…</main></body>',
)
def landmark(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find pages without a main part, or with two."""
    if page.is_page:
        mains = [tag for tag in page.start_tags if tag.name == "main" or tag.value("role") == "main"]
        if not mains:
            yield Hit(_own(page), "This page has no <main>.")
        for tag in mains[1:]:
            yield Hit(tag.at, "This page has a <main> already.")


@rule(
    "page-language",
    Level.WARNING,
    GROUP,
    "page",
    noticed="A screen reader reads the page with the sounds of another language.",
    mend='Write <html lang="…"> with the language of the page.',
    bad="<html>",
    good='<html lang="en">',
)
def page_language(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find pages that do not say their language."""
    for tag in page.start_tags:
        if tag.name == "html" and not tag.value("lang").strip():
            yield Hit(tag.at, "This page does not say its language.")


@rule(
    "page-title",
    Level.WARNING,
    GROUP,
    "page",
    noticed="The tab of the browser, a bookmark and a screen reader show the address in place of a name.",
    mend="Fill the block title, or write a <title> into the <head>.",
    bad="{% block title %}{% endblock %}",
    good="{% block title %}{{ room.name }}{% endblock %}",
)
def page_title(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find pages without a title."""
    if page.is_page:
        head = [tag for tag in page.start_tags if tag.name == "title"]
        if not head:
            yield Hit(next(tag.at for tag in page.start_tags if tag.name == "html"), "This page has no <title>.")
        elif not page.html[head[0].end : page.end_of(head[0])].strip():
            source = site.sources[page.entry.template]
            block = next((each.lineno for each in source.tree.find_all(nodes.Block) if each.name == "title"), 1)
            yield Hit(source.start_of(block), "The title of this page is empty.", source.name)


@rule(
    "heading-order",
    Level.WARNING,
    GROUP,
    "page",
    noticed="Who uses a screen reader goes from heading to heading, and seems to have missed one.",
    mend="Begin with one <h1>, and go down by one level at a time. How large a heading is, a class tells.",
    bad="<h1>Rooms</h1> <h3>Yours</h3>",
    good="<h1>Rooms</h1> <h2>Yours</h2>",
)
def heading_order(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find headings that leave out a level."""
    if page.is_page:
        headings = [tag for tag in page.start_tags if tag.name in _HEADINGS]
        if not any(tag.name == "h1" for tag in headings):
            yield Hit(headings[0].at if headings else _own(page), "This page has no <h1>.")
            return
        yield from _leaps(headings)


def _leaps(headings: list[Tag]) -> Iterator[Hit]:
    level = 0
    has_first = False
    for tag in headings:
        now = int(tag.name[1])
        if now > level + 1:
            yield Hit(tag.at, f"This <{tag.name}> comes after {f'an <h{level}>' if level else 'no heading'}.")
        if now == 1 and has_first:
            yield Hit(tag.at, "This page has an <h1> already.")
        has_first = has_first or now == 1
        level = now
