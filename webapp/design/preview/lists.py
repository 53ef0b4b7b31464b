"""Lists of a page that grow by scrolling: what a reader has fetched must not go away by a morph.

In such a list (`ol`, `ul` or `tbody`) an element fetches more rows when it comes into view. The server renders a page
without the rows that one reader has fetched, so whether a list is morphed as a whole or row by row is for the page to
find out: a partial whose target is not there does nothing. A page that has fetched rows asks for these too, as many at
a time as it has fetched at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)

_LISTS = ("ol", "ul", "tbody")


@dataclass(slots=True)
class _Element:
    tag: str
    id: str
    start: int
    inner: int
    has_key: bool
    end: int = 0
    inner_end: int = 0
    rows: list[_Element] = field(default_factory=list)
    more: str = ""


class _Elements(HTMLParser):
    """Finds the elements with an id, with their places in the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[_Element] = []
        self.more = ""
        self._open: list[_Element] = []
        self._lines = [0]
        for line in html.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        start = self._at()
        element = _Element(
            tag, given.get("id") or "", start, start + len(self.get_starttag_text() or ""), "data-key" in given
        )
        if "hx-get" in given and "intersect" in (given.get("hx-trigger") or ""):
            self.more = given["hx-get"] or ""
            for each in [one for one in reversed(self._open) if one.tag in _LISTS][:1]:
                each.more = self.more
        if self._open and element.has_key and element.id:
            self._open[-1].rows.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        at = self._at()
        while self._open:
            element = self._open.pop()
            element.inner_end, element.end = at, at + len(f"</{tag}>")
            self.found.append(element)
            if element.tag == tag:
                break

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def without_growing(body: str, mark: str) -> tuple[str, str]:
    """Return the body with the lists that grow, and their rows, marked to stay; and the partials for these.

    Args:
        body: The new content of a body.
        mark: The attribute that keeps a morph from an element's children.
    """
    if not _may_grow(body):
        return body, ""
    elements = [each for each in _Elements(body).found if each.id]
    growing = [each for each in elements if each.more]
    if not growing:
        return body, ""
    lists = [each for each in elements if each.more or each.rows]
    has_grown = f":has({', '.join(f'#{each.id} > [data-key]' for each in growing)})"
    partials = [*_partials(body, lists, has_grown), *(_asks_on(each.more, has_grown) for each in growing)]
    for each in sorted(lists, key=lambda one: one.inner, reverse=True):
        body = f"{body[: each.inner - 1]} {mark}{body[each.inner - 1 :]}"
    return body, "".join(partials)


def fetched_rows(html: str) -> str:
    """Return the partials for the rows that `html` brings to a list that grows, on a page that has them.

    Args:
        html: What the list's own element has fetched.
    """
    elements = _Elements(html)
    rows = [each for each in elements.found if each.id and each.has_key]
    partials = [_row(html, each, "") for each in rows]
    if elements.more and rows:
        partials.append(_asks_on(elements.more, f":has(#{rows[0].id})"))
    return "".join(partials)


def _may_grow(body: str) -> bool:
    # Parsing a page takes two milliseconds, twenty pages may wait for it, and most have no such list.
    places = [found.start() for found in re.finditer("intersect", body)]
    return any(body.rfind(f"<{tag}", 0, at) > body.rfind(f"</{tag}", 0, at) for at in places for tag in _LISTS)


def _partials(body: str, lists: Sequence[_Element], has_grown: str) -> Iterator[str]:
    for each in lists:
        inner = body[each.inner : each.inner_end]
        yield f'<hx-partial hx-target="body:not({has_grown}) #{each.id}" hx-swap="innerMorph">{inner}</hx-partial>'
        yield from (_row(body, row, f"body{has_grown} ") for row in each.rows)


def _row(html: str, row: _Element, where: str) -> str:
    text = html[row.start : row.end]
    return f'<hx-partial hx-target="{where}#{row.id}" hx-swap="outerMorph">{text}</hx-partial>'


def _asks_on(url: str, where: str) -> str:
    asks = f'<i hx-post="/design/preview/rows" hx-vals="{escape(json.dumps({"preview-url": url}))}"'
    asks += ' hx-trigger="load" hx-swap="none"></i>'
    return f'<hx-partial hx-target="body{where} #preview-push" hx-swap="beforeend">{asks}</hx-partial>'
