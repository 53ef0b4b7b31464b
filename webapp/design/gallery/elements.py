"""Finds the places of elements in the text of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements without an end."""


@dataclass(slots=True)
class Element:
    """An element, by where its parts begin in the text.

    Attributes:
        tag: Its name.
        attributes: Its attributes.
        start: Where its start tag begins.
        inner: Where its content begins.
        inner_end: Where its content ends.
        end: Where it ends.
        depth: The number of elements that it stands in.
    """

    tag: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    depth: int = 0


class _Parser(HTMLParser):
    """Notes every element of a text. An element that is not closed ends where the one around it ends."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Element] = []
        self._open: list[Element] = []
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.feed(text)
        self.close()
        self._close_from(0, len(text))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        start = self._offset()
        inner = start + len(self.get_starttag_text() or "")
        element = Element(tag, {name: value or "" for name, value in attrs}, start, inner, inner, inner)
        element.depth = len(self._open)
        self.found.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        # HTML knows no such end but in SVG, where it is one.
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        matches = [number for number, each in enumerate(self._open) if each.tag == tag]
        if matches:
            start, closed = self._offset(), self._open[matches[-1]]
            self._close_from(matches[-1], start)
            closed.end = start + len(f"</{tag}>")

    def _close_from(self, number: int, at: int) -> None:
        for each in self._open[number:]:
            each.inner_end = each.end = at
        del self._open[number:]

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def elements_of(text: str) -> Sequence[Element]:
    """Return the elements of a page or a fragment, in the order of their start tags."""
    return _Parser(text).found
