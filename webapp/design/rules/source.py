"""One template as it is written, with what the rules look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, nodes

from webapp.design.rules.markup import Tag, tags_of
from webapp.design.rules.text_file import Comment, TextFile

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


class Source(TextFile):
    """A template.

    Args:
        name: What other templates call it, such as `chat/_message.html`.
        path: Its file.
        environment: Loads and parses it.
    """

    def __init__(self, name: str, path: Path, environment: Environment) -> None:
        super().__init__(name, path)
        self._environment = environment

    @property
    def is_partial(self) -> bool:
        """Whether it is a piece that others include or that is sent alone."""
        return self.name.rpartition("/")[2].startswith("_")

    @cached_property
    def html(self) -> str:
        """The text without Jinja, of the same length: expressions are SOMETHING, and all else of Jinja is blank."""
        return self.masked(self.text)

    @staticmethod
    def masked(text: str) -> str:
        """Return a text of a template without Jinja, likewise."""
        return _JINJA.sub(_masked, text)

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
    def error(self) -> Exception | None:
        """Why Jinja cannot read it, or None."""
        try:
            self._environment.get_template(self.name)
        except Exception as error:
            return error
        return None

    @cached_property
    def tree(self) -> nodes.Template:
        """The syntax tree that Jinja reads in it; an empty tree if it cannot."""
        if self.error is not None:
            return nodes.Template([], lineno=1)
        return self._environment.parse(self.text, self.name)

    @cached_property
    def texts(self) -> Sequence[nodes.Const]:
        """The texts in its Jinja code."""
        return [each for each in self.tree.find_all(nodes.Const) if isinstance(each.value, str)]

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
        return Tag(tag.name, len(self.html), "", True)


def _masked(found: re.Match[str]) -> str:
    if found["raw"] is not None:
        return _blank(found["raw"]) + found["inner"] + _blank(found["endraw"])
    if found["expression"] is not None:
        return SOMETHING * len(found[0])
    return _blank(found[0])


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)
