"""The tags of a text, as they are written, each with its attributes and where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import turbohtml
from turbohtml import TokenType

_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")


class Attribute(NamedTuple):
    """An attribute.

    Attributes:
        name: Its name, in small letters.
        value: Its value without quotes; None: it has none.
        at: The index of its first character.
        value_at: The index of the first character of its value.
        is_quoted: Quotes stand around the value.
    """

    name: str
    value: str | None
    at: int
    value_at: int
    is_quoted: bool


class Tag:
    """A start tag or an end tag.

    Args:
        name: The element's name, in small letters.
        at: The index of `<`.
        source: The tag as it is written.
        is_end: It is an end tag.
    """

    __slots__ = ("_attributes", "at", "end", "is_end", "name", "source")

    def __init__(self, name: str, at: int, source: str, is_end: bool) -> None:
        self.name = name
        self.at = at
        self.end = at + len(source)
        self.source = source
        self.is_end = is_end
        self._attributes: Sequence[Attribute] | None = None

    @property
    def attributes(self) -> Sequence[Attribute]:
        """The attributes in their order; those of an end tag do not count."""
        if self._attributes is None:
            inner = "" if self.is_end else self.source[len(self.name) + 1 :].rstrip(">")
            start = self.at + len(self.name) + 1
            self._attributes = [_attribute(each, start) for each in _ATTRIBUTE.finditer(inner)]
        return self._attributes

    def get(self, name: str) -> Attribute | None:
        """Return an attribute, or None."""
        # Most tags have few attributes, and pages have thousands of tags.
        if name not in self.source and name not in self.source.lower():
            return None
        return next((each for each in self.attributes if each.name == name), None)

    def value(self, name: str) -> str:
        """Return the value of an attribute, or an empty text."""
        found = self.get(name)
        return (found.value or "") if found else ""

    def has(self, name: str) -> bool:
        """Return whether the tag has an attribute."""
        return self.get(name) is not None


def _attribute(found: re.Match[str], start: int) -> Attribute:
    name, value = found[1].lower(), found[2]
    if value is None:
        return Attribute(name, None, start + found.start(), start + found.end(), True)
    is_quoted = value[0] in "\"'"
    written = value[1:-1] if is_quoted else value
    return Attribute(name, written, start + found.start(), start + found.start(2) + is_quoted, is_quoted)


def line_starts(text: str) -> list[int]:
    """Return the index at which each line starts."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def line_of(starts: Sequence[int], at: int) -> int:
    """Return the line of an index, the first line being 1."""
    return bisect_right(starts, at)


def unix_lines(text: str) -> str:
    """Return the text with line feeds alone as line breaks, which is how the parser counts lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tags_of(text: str) -> list[Tag]:
    """Return the tags of an HTML text. What looks like a tag in a comment or a script is none.

    Args:
        text: The text, with line feeds as line breaks.
    """
    starts = line_starts(text)
    return list(_tags(text, starts))


def _tags(text: str, starts: Sequence[int]) -> Iterator[Tag]:
    tokens = turbohtml.tokenize(text, resolve_references=False)
    for token in tokens:
        if token.type in (TokenType.START_TAG, TokenType.END_TAG) and token.tag:
            at = starts[token.line - 1] + token.col
            yield Tag(token.tag, at, text[at : _end(text, at)], token.type is TokenType.END_TAG)


_REST = re.compile(r"""(?:"[^"]*"|'[^']*'|[^"'>])*>?""")


def _end(text: str, at: int) -> int:
    found = _REST.match(text, at)
    return found.end() if found else len(text)
