"""One template rendered with one of its samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import turbohtml

from webapp.design.fixtures import Entry, Fixtures, render
from webapp.design.rules.line_marks import LineMarks, Marked, Place
from webapp.design.rules.markup import Tag, tags_of, unix_lines
from webapp.design.template_errors import TemplateProblem, explain
from webapp.live.templating import Templates

_TAG = re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True)
class Rendering:
    """The result of rendering one sample.

    Attributes:
        entry: The sample.
        marked: The HTML, with the places from which its parts come.
        problem: Why there is none; None: there is.
        is_extended: Other templates extend this one.
    """

    entry: Entry
    marked: Marked
    problem: TemplateProblem | None = None
    is_extended: bool = False

    @property
    def html(self) -> str:
        """The HTML."""
        return self.marked.html

    def place(self, at: int) -> Place:
        """Return the line of a template from which the character at an index comes."""
        return self.marked.place(at) or Place(self.entry.template, 1)

    @cached_property
    def tags(self) -> Sequence[Tag]:
        """The tags in their order."""
        return tags_of(self.html)

    @cached_property
    def start_tags(self) -> list[Tag]:
        """The start tags in their order."""
        return [tag for tag in self.tags if not tag.is_end]

    @cached_property
    def is_document(self) -> bool:
        """Whether it is a whole page."""
        return any(tag.name == "html" for tag in self.tags)

    @property
    def is_page(self) -> bool:
        """Whether it is a whole page that readers see, and not only the frame of pages."""
        return self.is_document and not self.is_extended

    @cached_property
    def document(self) -> turbohtml.Document:
        """The document that a browser makes of it."""
        return turbohtml.parse(self.html, source_locations=True)

    @cached_property
    def tree(self) -> turbohtml.Document | turbohtml.Element:
        """The same; of a partial, what a browser makes of it in the element in which it stands."""
        if self.is_document:
            return self.document
        around = self.entry.inside.split()[-1:] or ["div"]
        name = _TAG.match(around[0])
        return turbohtml.parse_fragment(self.html, name[0] if name else "div", source_locations=True)

    @cached_property
    def ids(self) -> Sequence[str]:
        """The ids of its elements, each as often as it stands there."""
        return [tag.value("id") for tag in self.start_tags if tag.has("id")]

    def end_of(self, tag: Tag) -> int:
        """Return the index of the end tag of a start tag, or of the end of the text."""
        depth = 0
        for each in self.tags[self.tags.index(tag) :]:
            if each.name == tag.name:
                depth += -1 if each.is_end else 1
            if depth == 0:
                return each.at
        return len(self.html)


def rendering_of(
    entry: Entry, templates: Templates, fixtures: Fixtures, marks: LineMarks, static: Sequence[Path]
) -> Rendering:
    """Render a sample."""
    try:
        html = render(entry, templates, fixtures)
    except Exception as error:
        problem = explain(error, templates.environment, entry.template, static=static)
        return Rendering(entry, Marked("", [], []), problem)
    return Rendering(entry, marks.unmarked(unix_lines(html)))
