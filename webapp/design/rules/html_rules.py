"""Rules about HTML: it means to the browser what it looks like in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from turbohtml import SourceLocation

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag, line_starts
from webapp.design.rules.names import ARIA, ATTRIBUTES, BLOCKS, ELEMENTS, HTMX, OPEN_ENDED, VOID
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.rendering import Rendering
from webapp.design.rules.selectors import bare, matches, named_ids
from webapp.design.rules.site import Site
from webapp.design.rules.source import SOMETHING, Source
from webapp.design.rules.words import nearest

GROUP = "HTML"


class _Element(NamedTuple):
    """An element as the browser builds it, and where it stands in the text."""

    name: str
    where: SourceLocation


_SYNTAX = {
    "duplicate-attribute": "This element has an attribute twice, and the browser takes the first.",
    "missing-whitespace-between-attributes": "A space is missing between two attributes.",
    "unexpected-character-in-attribute-name": "A quote or a bracket stands in the name of an attribute.",
    "unexpected-character-in-unquoted-attribute-value": "A quote stands in a value without quotes.",
    "unexpected-equals-sign-before-attribute-name": "An equals sign stands where an attribute begins.",
    "missing-attribute-value": "An attribute has an equals sign and no value.",
    "missing-end-tag-name": "An end tag has no name.",
    "invalid-first-character-of-tag-name": "A < stands here that begins no tag. In a text it is written &lt;.",
    "unexpected-solidus-in-tag": "A slash stands in the middle of a tag.",
    "end-tag-with-attributes": "An end tag has attributes.",
    "end-tag-with-trailing-solidus": "An end tag has a slash at its end.",
    "eof-in-tag": "A tag is not finished: its > or a quote is missing.",
    "eof-before-tag-name": "A < begins no tag.",
    "eof-in-comment": "A comment is not finished.",
    "incorrectly-opened-comment": "This is neither a tag nor a comment.",
    "unknown-named-character-reference": "This &name; is none that there is.",
    "missing-semicolon-after-character-reference": "A semicolon is missing after an &name.",
}


@rule(
    "html-syntax",
    Level.WARNING,
    GROUP,
    "page",
    noticed="Browsers guess what is meant: a part may be missing, or an attribute may have no effect.",
    mend="Look at the quotes, the spaces and the brackets in this line.",
    bad='<a class="button"href="/">Start</a>',
    good='<a class="button" href="/">Start</a>',
)
def html_syntax(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find what a browser has to guess."""
    starts = line_starts(page.html)
    for error in page.document.errors:
        if error.code in _SYNTAX:
            yield Hit(min(starts[error.line - 1] + error.col, len(page.html)), _SYNTAX[error.code])


@rule(
    "html-structure",
    Level.WARNING,
    GROUP,
    "page",
    noticed="The page is built otherwise than it is written: something stands in the wrong place, or looks wrong from"
    " here on.",
    mend="Close each element in the order in which they were opened, and put nothing into an element that it cannot"
    " hold: a <p> holds text only, and a <form> no other <form>.",
    bad="<p>Your name<div>…</div></p>",
    good="<div>Your name<div>…</div></div>",
)
def html_structure(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find the first element that a browser builds otherwise than it is written: what follows comes of it."""
    yield from sorted(_differences(page))[:1]


def _differences(page: Rendering) -> Iterator[Hit]:
    elements = [_Element(each.tag, where) for each in page.tree.iter_elements() if (where := each.source_location)]
    begun = {each.where.start_tag.start_offset for each in elements}
    ended = {each.where.end_tag.start_offset for each in elements if each.where.end_tag}
    for tag in page.tags:
        if tag.is_end and tag.at not in ended and tag.name not in ("html", "body"):
            yield _stray(page.tags, tag)
        elif not tag.is_end and tag.at not in begun and tag.name not in ("html", "head", "body"):
            yield Hit(tag.at, f"The browser leaves this <{tag.name}> out: it cannot stand in what it stands in.")
    yield from _unclosed(elements, page.html)


def _stray(tags: Sequence[Tag], end: Tag) -> Hit:
    if end.name == "p":
        before = [each for each in tags if each.at < end.at]
        opened = next((each for each in reversed(before) if each.name == "p" and not each.is_end), None)
        inner = (each for each in before if opened and each.at > opened.at and each.name in BLOCKS and not each.is_end)
        culprit = next(inner, None)
        if culprit is not None:
            return Hit(culprit.at, f"A <p> cannot hold a <{culprit.name}>: the browser ends the <p> before it.")
    return Hit(end.at, f"This </{end.name}> closes nothing.")


def _unclosed(elements: Sequence[_Element], html: str) -> Iterator[Hit]:
    for name, where in elements:
        if not where.end_tag and name not in VOID | OPEN_ENDED:
            start, end = where.start_tag.start_offset, where.start_tag.end_offset
            if not html[start:end].endswith("/>"):
                yield Hit(start, f"This <{name}> is never closed, or not where it should be.")


@rule(
    "duplicate-id",
    Level.FATAL,
    GROUP,
    "page",
    noticed="An update, a label or a link reaches the first of the two elements, and perhaps the wrong one.",
    mend="Give one of them another id, or none.",
    bad='<p id="problem"></p> … <p id="problem"></p>',
    good='<p id="problem"></p> … <p id="other-problem"></p>',
)
def duplicate_id(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find ids that stand twice on a page."""
    seen: set[str] = set()
    for tag in page.start_tags if page.is_page and len(page.ids) > len(set(page.ids)) else ():
        name = tag.value("id")
        if name in seen:
            yield Hit(tag.at, f"The id {name} is on this page already.")
        seen |= {name} - {""}


@rule(
    "dangling-reference",
    Level.WARNING,
    GROUP,
    "page",
    noticed="A label, a button or a link leads nowhere: what it names is on another page.",
    mend="Name an id of the same page.",
    bad='<label for="handle">Your name</label> on a page without that box',
    good='<label for="handle">Your name</label> <input id="handle" name="handle">',
)
def dangling_reference(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find ids that are named on a page and belong to another."""
    if page.is_page:
        ids = set(page.ids)
        for tag in page.start_tags:
            for name, at, attribute in named_ids(tag):
                is_other = not attribute.name.startswith("hx-") and name not in ids
                if is_other and matches(name, site.ids):
                    yield Hit(at, f"{attribute.name} names #{name}, which is not on this page.", about=name)


@rule(
    "attribute-typo",
    Level.WARNING,
    GROUP,
    "template",
    noticed="The attribute has no effect.",
    mend="Spell it as it is meant. An attribute of your own begins with data-.",
    bad='<p clas="form-error">',
    good='<p class="form-error">',
)
def attribute_typo(source: Source, site: Site) -> Iterator[Hit]:
    """Find attributes that there are not."""
    for tag in (each for each in source.start_tags if "-" not in each.name and not _is_drawn(source, each)):
        for each in tag.attributes:
            known = _known(each.name)
            if SOMETHING not in each.name and known is not None:
                meant = nearest(each.name, known)
                if meant:
                    yield Hit(each.at, f"There is no attribute {each.name}. Did you mean {meant}?")
                elif each.name.startswith(("hx-", "aria-")):
                    yield Hit(each.at, f"There is no attribute {each.name}.")


def _known(name: str) -> frozenset[str] | None:
    """Return the attributes of which one may be meant; None: there is one of that name, or it is somebody's own."""
    if name.startswith("hx-"):
        return None if bare(name) in HTMX or name in HTMX else HTMX
    if name.startswith("aria-"):
        return None if name in ARIA else ARIA
    if name.startswith("data-") or name in ATTRIBUTES or re.fullmatch(r"on[a-z]+", name) or ":" in name:
        return None
    return ATTRIBUTES


@rule(
    "unknown-element",
    Level.WARNING,
    GROUP,
    "template",
    noticed="The element is shown as bare text, and does nothing.",
    mend="Spell it as it is meant.",
    bad="<buton>Send</buton>",
    good="<button>Send</button>",
)
def unknown_element(source: Source, site: Site) -> Iterator[Hit]:
    """Find elements that there are not."""
    for tag in source.start_tags:
        is_known = tag.name in ELEMENTS or ("-" in tag.name and not tag.name.startswith("hx-"))
        if not is_known and not _is_drawn(source, tag) and SOMETHING not in tag.name:
            meant = nearest(tag.name, ELEMENTS)
            more = f" Did you mean <{meant}>?" if meant else ""
            yield Hit(tag.at, f"There is no element <{tag.name}>.{more}")


def _is_drawn(source: Source, tag: Tag) -> bool:
    if tag.name in ("svg", "math"):
        return True
    drawings = [each for each in source.tags if each.name in ("svg", "math") and each.at < tag.at]
    return bool(drawings) and not drawings[-1].is_end
