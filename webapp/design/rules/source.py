"""One template as it is written, with what the rules look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes

from webapp.design.rules.markup import Tag, line_of, line_starts, tags_of, unix_lines

SOMETHING = "\ue000"
"""Stands for each character of a Jinja expression. What the expression becomes is not known from the source."""

_STRING = r"\"[^\"]*+\"|'[^']*+'"
_JINJA = re.compile(
    rf"""
      (?P<comment> \{{\#.*?(?:\#\}}|\Z) )
    | (?P<raw> \{{%[-+]?\s*raw\s*[-+]?%\}} ) (?P<inner>.*?) (?P<endraw> \{{%[-+]?\s*endraw\s*[-+]?%\}} )
    | (?P<statement> \{{%(?:{_STRING}|.)*?(?:%\}}|\Z) )
    | (?P<expression> \{{\{{(?:{_STRING}|.)*?(?:\}}\}}|\Z) )
    """,
    re.VERBOSE | re.DOTALL,
)
_VISIBLE = re.compile(r"[^\n]")


class Comment(NamedTuple):
    """A Jinja comment: its text, and the indexes of its begin and of its end."""

    text: str
    at: int
    end: int


class Source:
    """A template.

    Args:
        name: What other templates call it, such as `chat/_message.html`.
        path: Its file.
        text: What stands in it.
        environment: Parses it.
    """

    def __init__(self, name: str, path: Path, text: str, environment: Environment) -> None:
        self.name = name
        self.path = path
        self.text = unix_lines(text)
        self._environment = environment
        self._starts = line_starts(self.text)

    @property
    def is_partial(self) -> bool:
        """Whether it is a piece that others include or that is sent alone."""
        return self.name.rpartition("/")[2].startswith("_")

    @property
    def is_document(self) -> bool:
        """Whether it is a whole page, or the frame of pages."""
        return not self.is_partial

    def line(self, at: int) -> int:
        """Return the line of an index."""
        return line_of(self._starts, at)

    def start_of(self, line: int) -> int:
        """Return the index at which a line starts."""
        return self._starts[max(0, min(line, len(self._starts)) - 1)]

    @cached_property
    def html(self) -> str:
        """The text without Jinja, of the same length: expressions are SOMETHING, and all else of Jinja is blank."""
        return _JINJA.sub(_masked, self.text)

    @cached_property
    def tags(self) -> Sequence[Tag]:
        """The tags in their order."""
        return tags_of(self.html)

    @property
    def start_tags(self) -> Iterator[Tag]:
        """The start tags in their order."""
        return (tag for tag in self.tags if not tag.is_end)

    @cached_property
    def comments(self) -> Sequence[Comment]:
        """The Jinja comments in their order."""
        found = (each for each in _JINJA.finditer(self.text) if each["comment"] is not None)
        return [Comment(each["comment"][2:].removesuffix("#}").strip("-+ \n\t"), *each.span()) for each in found]

    @cached_property
    def problem(self) -> TemplateSyntaxError | None:
        """Why Jinja cannot read it, or None."""
        try:
            self._environment.compile(self.text, self.name)
        except TemplateSyntaxError as error:
            return error
        return None

    @cached_property
    def tree(self) -> nodes.Template:
        """What Jinja reads in it; an empty tree if it cannot."""
        if self.problem is not None:
            return nodes.Template([], lineno=1)
        return self._environment.parse(self.text, self.name)

    def inside(self, tag: Tag) -> str:
        """Return the text between a start tag and its end tag, or the end of the file."""
        return self.html[tag.end : self.end_of(tag).at]

    def end_of(self, tag: Tag) -> Tag:
        """Return the end tag of a start tag; where it has none, an empty one at the end of the file."""
        depth = 0
        for each in self.tags[self.tags.index(tag) :]:
            if each.name == tag.name:
                depth += -1 if each.is_end else 1
            if depth == 0:
                return each
        return Tag(tag.name, len(self.html), len(self.html), "", True)


def _masked(found: re.Match[str]) -> str:
    if found["raw"] is not None:
        return _blank(found["raw"]) + found["inner"] + _blank(found["endraw"])
    if found["expression"] is not None:
        return SOMETHING * len(found[0])
    return _blank(found[0])


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)
